import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { SluiceError } from "../../src/errors.ts";
import type { MultipartUpload, SignedRequest, Storage } from "../../src/storage/index.ts";
import { encodeCrc32 } from "../../src/storage/part-checksum.ts";

/** An adapter under test. */
export type StorageUnderTest = {
  readonly storage: Storage;
  /** Makes the signed request, over whatever carries it. @throws an error with a stable `code` */
  putPart(signed: SignedRequest, bytes: Uint8Array): Promise<unknown>;
  close(): Promise<void>;
};

const codeOf = (work: Promise<unknown>): Promise<string | null> =>
  work.then(
    () => null,
    (thrown: SluiceError) => thrown.code,
  );
const bytesOf = async (stream: ReadableStream<Uint8Array> | null) =>
  stream ? new Uint8Array(await new Response(stream).arrayBuffer()) : null;

/** S3 takes no smaller part, save the last. */
const PART_BYTES = 5 * 1024 * 1024;
const LAST_BYTES = 1000;
const content = new Uint8Array(PART_BYTES + LAST_BYTES).map((_, index) => (index * 31) % 251);
const KEY = "uploads/user-1/video-1/source";
const parts = [
  { partNumber: 1, offset: 0, sizeBytes: PART_BYTES },
  { partNumber: 2, offset: PART_BYTES, sizeBytes: LAST_BYTES },
];

/** What every adapter of the storage port does; `open` gives an empty one. */
export const storageContract = (name: string, open: () => Promise<StorageUnderTest>): void =>
  describe(`the storage port on ${name}`, () => {
    let adapter: StorageUnderTest;
    let storage: Storage;
    beforeEach(async () => {
      adapter = await open();
      storage = adapter.storage;
    });
    afterEach(() => adapter.close());

    const begin = () =>
      storage.createMultipartUpload({
        key: KEY,
        sizeBytes: content.byteLength,
        contentType: "video/mp4",
      });
    const send = async (
      upload: MultipartUpload,
      partNumber: number,
      crc32: string | null = null,
    ): Promise<void> => {
      const part = parts[partNumber - 1];
      if (!part) {
        throw new Error(`no part ${partNumber}`);
      }
      const signed = await storage.signPart({ upload, ...part, crc32, expiresInSeconds: 60 });
      await adapter.putPart(signed, content.subarray(part.offset, part.offset + part.sizeBytes));
    };
    const uploaded = async () => {
      const upload = await begin();
      await send(upload, 2);
      await send(upload, 1);
      return { upload, object: await storage.completeMultipartUpload({ upload, parts }) };
    };

    test("parts sent in any order become the object, byte for byte", async () => {
      const { version, ...object } = (await uploaded()).object;
      expect(object).toMatchObject({ key: KEY, sizeBytes: content.byteLength });
      expect(object.etag).toMatch(/^"[^"]+"$/);
      expect(version).toBe(object.etag.slice(1, -1));
      expect(await storage.head("uploads", KEY)).toEqual(object);
      expect(await bytesOf(await storage.get("uploads", KEY))).toEqual(content);
    });

    test("a range is inclusive at both ends", async () => {
      await uploaded();
      const range = { start: PART_BYTES - 2, end: PART_BYTES + 2 };
      expect(await bytesOf(await storage.get("uploads", KEY, range))).toEqual(
        content.slice(PART_BYTES - 2, PART_BYTES + 3),
      );
    });

    test("an unfinished upload lists its parts and is no object yet", async () => {
      const upload = await begin();
      expect(await storage.listParts(upload)).toEqual([]);
      await send(upload, 2);
      expect(await storage.listParts(upload)).toMatchObject([{ partNumber: 2, sizeBytes: 1000 }]);
      expect(await storage.head("uploads", KEY)).toBeNull();
      expect(await Array.fromAsync(storage.list("uploads", "uploads/"))).toEqual([]);
    });

    test("completing without a part names it, and works once the part came", async () => {
      const upload = await begin();
      await send(upload, 1);
      const failure = await storage
        .completeMultipartUpload({ upload, parts })
        .catch((thrown: SluiceError) => thrown);
      expect(failure).toMatchObject({ code: "upload_incomplete", details: { missingParts: [2] } });
      await send(upload, 2);
      expect((await storage.completeMultipartUpload({ upload, parts })).sizeBytes).toBe(
        content.byteLength,
      );
    });

    test("parts that do not add up to what was declared are refused", async () => {
      const upload = await begin();
      await send(upload, 1);
      await send(upload, 2);
      const wrong = [{ partNumber: 1, sizeBytes: PART_BYTES - 1 }, ...parts.slice(1)];
      expect(await codeOf(storage.completeMultipartUpload({ upload, parts: wrong }))).toBe(
        "upload_size_mismatch",
      );
    });

    test("completing again, and twice at once, gives the same answer", async () => {
      const upload = await begin();
      await send(upload, 1);
      await send(upload, 2);
      const [first, second] = await Promise.all([
        storage.completeMultipartUpload({ upload, parts }),
        storage.completeMultipartUpload({ upload, parts }),
      ]);
      expect(second).toEqual(first);
      expect(await storage.completeMultipartUpload({ upload, parts })).toEqual(first);
    });

    test("a part sent twice, and twice at once, is harmless", async () => {
      const upload = await begin();
      await Promise.all([send(upload, 1), send(upload, 1), send(upload, 2)]);
      await send(upload, 1);
      expect(await storage.listParts(upload)).toHaveLength(2);
      await storage.completeMultipartUpload({ upload, parts });
      expect(await bytesOf(await storage.get("uploads", KEY))).toEqual(content);
    });

    test("a part that was signed with its checksum is taken with these bytes alone", async () => {
      const upload = await begin();
      const crc32 = encodeCrc32(Bun.hash.crc32(content.subarray(PART_BYTES)));
      expect(await codeOf(send(upload, 2, encodeCrc32(Bun.hash.crc32("other bytes"))))).toBe(
        "part_corrupted",
      );
      expect(await storage.listParts(upload)).toEqual([]);
      await send(upload, 2, crc32);
      await send(upload, 1);
      await storage.completeMultipartUpload({ upload, parts });
      expect(await bytesOf(await storage.get("uploads", KEY))).toEqual(content);
    });

    test("a part of another length than was signed is not taken", async () => {
      const upload = await begin();
      const part = { upload, partNumber: 2, offset: PART_BYTES, sizeBytes: LAST_BYTES };
      const signed = await storage.signPart({ ...part, crc32: null, expiresInSeconds: 60 });
      for (const length of [LAST_BYTES - 1, LAST_BYTES + 1]) {
        expect(await codeOf(adapter.putPart(signed, content.subarray(0, length)))).not.toBeNull();
      }
      expect(await storage.listParts(upload)).toEqual([]);
    });

    test("an aborted upload leaves nothing and takes nothing more; aborting again is fine", async () => {
      const upload = await begin();
      await send(upload, 1);
      await storage.abortMultipartUpload(upload);
      await storage.abortMultipartUpload(upload);
      expect(await storage.listParts(upload)).toEqual([]);
      expect(await codeOf(send(upload, 2))).toBe("upload_closed");
      expect(await codeOf(storage.completeMultipartUpload({ upload, parts }))).toBe(
        "upload_closed",
      );
      expect(await storage.head("uploads", KEY)).toBeNull();
    });

    test("what does not exist is null, and deleting it is fine", async () => {
      expect(await storage.head("media", "media/none/x.mpd")).toBeNull();
      expect(await storage.get("media", "media/none/x.mpd")).toBeNull();
      expect(await storage.head("media", "media/none/x.mpd/y")).toBeNull();
      await storage.delete("media", "media/none/x.mpd");
      await storage.deletePrefix("media", "media/none/");
    });

    test("deleting a prefix takes what is below it and nothing beside it", async () => {
      await uploaded();
      await storage.deletePrefix("uploads", "uploads/user-1/video-/");
      await storage.deletePrefix("uploads", "uploads/user/");
      expect(await Array.fromAsync(storage.list("uploads", "uploads/"))).toMatchObject([
        { key: KEY, sizeBytes: content.byteLength },
      ]);
      await storage.deletePrefix("uploads", "uploads/user-1/video-1/");
      expect(await Array.fromAsync(storage.list("uploads", "uploads/"))).toEqual([]);
      expect(await storage.head("uploads", KEY)).toBeNull();
    });

    test("a deleted object is gone and may come again", async () => {
      await uploaded();
      await storage.delete("uploads", KEY);
      expect(await storage.head("uploads", KEY)).toBeNull();
      const { object } = await uploaded();
      expect(object.sizeBytes).toBe(content.byteLength);
    });

    test("what is put is there whole, and another takes its place under the same key", async () => {
      const key = "media/video-1/presentation-1/manifest.mpd";
      const first = await storage.put("media", key, Buffer.from("first"));
      expect(first).toMatchObject({ key, sizeBytes: 5 });
      expect(await storage.head("media", key)).toEqual(first);
      const second = await storage.put("media", key, Buffer.from("the second"));
      expect(second.etag).not.toBe(first.etag);
      expect(await storage.head("media", key)).toEqual(second);
      expect(await bytesOf(await storage.get("media", key))).toEqual(
        new Uint8Array(Buffer.from("the second")),
      );
      expect(await Array.fromAsync(storage.list("media", "media/"))).toEqual([second]);
      await storage.put("media", key, new Uint8Array());
      expect(await bytesOf(await storage.get("media", key))).toEqual(new Uint8Array());
    });

    test("of many that are put at once one remains, and readers never see a mixture", async () => {
      const key = "media/video-1/presentation-1/master.m3u8";
      const versions = Array.from({ length: 20 }, (_, index) =>
        new Uint8Array(50_000 + index).fill(index),
      );
      await storage.put("media", key, versions[0] ?? new Uint8Array());
      const isWhole = (bytes: Uint8Array | null) =>
        bytes !== null &&
        bytes.length === 50_000 + (bytes[0] ?? 0) &&
        bytes.every((b) => b === bytes[0]);
      const seen: boolean[] = [];
      await Promise.all([
        ...versions.map((bytes) => storage.put("media", key, bytes)),
        ...versions.map(async () =>
          seen.push(isWhole(await bytesOf(await storage.get("media", key)))),
        ),
      ]);
      expect(seen).not.toContain(false);
      expect(isWhole(await bytesOf(await storage.get("media", key)))).toBe(true);
      expect(await Array.fromAsync(storage.list("media", "media/"))).toHaveLength(1);
    });

    test("putting beside a deletion of the neighbours works", async () => {
      await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const key = `media/video-1/tracks/${index}.vtt`;
          await storage.put("media", key, Buffer.from("x"));
          await storage.delete("media", key);
        }),
      );
      expect(await Array.fromAsync(storage.list("media", "media/"))).toEqual([]);
    });

    test("keys that would leave the bucket are refused by every method", async () => {
      const key = "uploads/../../secret";
      expect(await codeOf(storage.head("media", key))).toBe("media_not_found");
      expect(await codeOf(storage.get("media", key))).toBe("media_not_found");
      expect(await codeOf(storage.put("media", key, new Uint8Array()))).toBe("media_not_found");
      expect(await codeOf(storage.delete("media", key))).toBe("media_not_found");
      expect(await codeOf(storage.deletePrefix("media", `${key}/`))).toBe("media_not_found");
      expect(
        await codeOf(
          storage.createMultipartUpload({ key, sizeBytes: 1, contentType: "video/mp4" }),
        ),
      ).toBe("media_not_found");
      expect(await codeOf(Array.fromAsync(storage.list("media", `${key}/`)))).toBe(
        "media_not_found",
      );
      expect(() => storage.locate("media", key)).toThrow();
    });

    test("a reader that leaves early, and one that is slow, get what they asked for", async () => {
      await uploaded();
      const leaving = (await storage.get("uploads", KEY))?.getReader();
      await leaving?.read();
      await leaving?.cancel();
      const slow = (await storage.get("uploads", KEY))?.getReader();
      const chunks: Uint8Array[] = [];
      for (let next = await slow?.read(); next?.value; next = await slow?.read()) {
        chunks.push(next.value);
        await Bun.sleep(5);
      }
      expect(Buffer.concat(chunks).equals(content)).toBe(true);
    });

    test("it says that it can be worked with", async () => {
      await storage.ping();
    });

    test("it says how much room is left", async () => {
      expect(await storage.freeBytes()).toBeGreaterThan(0);
    });
  });
