import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  isSameFile,
  missingParts,
  partSize,
  receivedBytes,
} from "../../../../src/web/uploads/plan.ts";

const layouts = fc
  .record({
    sizeBytes: fc.integer({ min: 1, max: 10_000 }),
    partBytes: fc.integer({ min: 1, max: 999 }),
  })
  .map((layout) => ({ ...layout, partCount: Math.ceil(layout.sizeBytes / layout.partBytes) }));

test("all parts together are the file", () => {
  fc.assert(
    fc.property(layouts, (layout) => {
      const all = missingParts(layout, []);
      expect(receivedBytes(layout, all)).toBe(layout.sizeBytes);
      expect(all.every((number) => partSize(layout, number) > 0)).toBe(true);
    }),
  );
});

test("what is missing and what was received never overlap, and make up the file", () => {
  fc.assert(
    fc.property(layouts, fc.array(fc.integer({ min: 1, max: 50 })), (layout, numbers) => {
      const received = numbers.filter((number) => number <= layout.partCount);
      const missing = missingParts(layout, received);
      expect(missing.some((number) => received.includes(number))).toBe(false);
      expect(receivedBytes(layout, received) + receivedBytes(layout, missing)).toBe(
        layout.sizeBytes,
      );
    }),
  );
});

test("a file is recognised by name and size", () => {
  const upload = { fileName: "a.mp4", sizeBytes: 5 };
  expect(isSameFile({ name: "a.mp4", size: 5 }, upload)).toBe(true);
  expect(isSameFile({ name: "a.mp4", size: 6 }, upload)).toBe(false);
  expect(isSameFile({ name: "b.mp4", size: 5 }, upload)).toBe(false);
});
