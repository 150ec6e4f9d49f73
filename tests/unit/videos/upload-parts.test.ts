import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { partAt, partBytesFor, partCount, partsOf } from "../../../src/videos/upload-parts.ts";

const MIB = 1024 ** 2;

describe("parts of an upload", () => {
  test("they cover the file end to end, and only the last may be shorter", () => {
    const cuts = fc.record({
      sizeBytes: fc.integer({ min: 1, max: 5000 }),
      partBytes: fc.integer({ min: 50, max: 700 }),
    });
    fc.assert(
      fc.property(cuts, (cut) => {
        const parts = partsOf(cut);
        expect(parts).toHaveLength(partCount(cut));
        let offset = 0;
        for (const [index, part] of parts.entries()) {
          expect(part.partNumber).toBe(index + 1);
          expect(part.offset).toBe(offset);
          expect(part.sizeBytes).toBeGreaterThan(0);
          if (index < parts.length - 1) {
            expect(part.sizeBytes).toBe(cut.partBytes);
          }
          offset += part.sizeBytes;
        }
        expect(offset).toBe(cut.sizeBytes);
      }),
    );
  });

  test("numbers outside are no parts", () => {
    const cut = { sizeBytes: 2500, partBytes: 1000 };
    expect(partAt(cut, 3)).toEqual({ partNumber: 3, offset: 2000, sizeBytes: 500 });
    for (const partNumber of [0, 4, -1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER]) {
      expect(partAt(cut, partNumber)).toBeNull();
    }
  });

  test("parts grow only where the wished size would make more than 10 000", () => {
    expect(partBytesFor(10 * 1024 * MIB, 16 * MIB)).toBe(16 * MIB);
    expect(partBytesFor(10_000 * 16 * MIB, 16 * MIB)).toBe(16 * MIB);
    expect(partBytesFor(10_000 * 16 * MIB + 1, 16 * MIB)).toBe(17 * MIB);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 * 1024 ** 4 }), (sizeBytes) => {
        const partBytes = partBytesFor(sizeBytes, 16 * MIB);
        expect(partCount({ sizeBytes, partBytes })).toBeLessThanOrEqual(10_000);
      }),
    );
  });
});
