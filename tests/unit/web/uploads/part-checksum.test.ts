import { expect, test } from "bun:test";
import fc from "fast-check";
import { CRC32_PATTERN, encodeCrc32 } from "../../../../src/storage/part-checksum.ts";
import { crc32 } from "../../../../src/web/uploads/crc32.ts";
import { partChecksum } from "../../../../src/web/uploads/part-checksum.ts";

test("the sum is zip's, of any length, in one piece or several", () => {
  // The check value of CRC-32/ISO-HDLC in the catalogue of CRC algorithms.
  expect(crc32(Buffer.from("123456789"))).toBe(0xcbf43926);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
      const whole = Bun.hash.crc32(bytes);
      expect(crc32(bytes)).toBe(whole);
      expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(whole);
    }),
  );
});

test("page and server write it the same way, as the API's schema wants it", async () => {
  const pattern = new RegExp(CRC32_PATTERN);
  for (const bytes of [new Uint8Array(), Buffer.from("abc"), new Uint8Array(3_000_001).fill(9)]) {
    const checksum = await partChecksum(new Blob([new Uint8Array(bytes)]));
    expect(checksum).toBe(encodeCrc32(Bun.hash.crc32(bytes)));
    expect(checksum).toMatch(pattern);
  }
});

test("a file that cannot be read any more is told as that", async () => {
  const gone = { stream: () => new ReadableStream({ start: (c) => c.error(new Error("gone")) }) };
  const failure = partChecksum(gone as unknown as Blob).catch((thrown: unknown) => thrown);
  expect(await failure).toMatchObject({ code: "file_unreadable" });
});
