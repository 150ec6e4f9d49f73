import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { GetObjectAclCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import type { SignedRequest } from "../../../src/storage/index.ts";
import { encodeCrc32 } from "../../../src/storage/part-checksum.ts";
import { openS3Storage } from "../../../src/storage/s3.ts";
import type { ApiError } from "../../../src/web/api/problem.ts";
import { storageContract } from "../../contract/storage-contract.ts";
import { type Emulator, startMinistack, TEST_REGION } from "../../fixtures/aws/emulators.ts";
import { newS3Storage, putSigned, testS3Client } from "../../fixtures/aws/s3-storage.ts";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startMinistack({ strict: true });
}, 300_000);
afterAll(() => emulator.stop());

storageContract("S3", async () => {
  const { storage } = await newS3Storage(emulator.url);
  return { storage, putPart: putSigned, close: async () => {} };
});

describe("S3 as S3", () => {
  const BYTES = new Uint8Array(1000).fill(7);
  const begin = async () => {
    const opened = await newS3Storage(emulator.url);
    const { storage } = opened;
    const upload = await storage.createMultipartUpload({
      key: "uploads/u/v/source",
      sizeBytes: BYTES.length,
      contentType: "video/mp4",
    });
    const sign = (changes: { crc32?: string; expiresInSeconds?: number } = {}) =>
      storage.signPart({
        upload,
        partNumber: 1,
        offset: 0,
        sizeBytes: BYTES.length,
        crc32: null,
        expiresInSeconds: 60,
        ...changes,
      });
    const send = (signed: SignedRequest, bytes = BYTES) =>
      putSigned(signed, bytes).then(
        () => "taken",
        ({ status, code }: ApiError) => `${status} ${code}`,
      );
    return { ...opened, upload, sign, send };
  };

  test("an address is good until it expires, for its part, length and checksum alone", async () => {
    const { storage, upload, sign, send } = await begin();
    const before = Date.now();
    const signed = await sign({ expiresInSeconds: 1 });
    expect(signed.expiresAt.getTime()).toBeWithin(before + 1000, Date.now() + 1001);
    expect(new URL(signed.url).searchParams.get("X-Amz-SignedHeaders")).toBe("content-length;host");
    await Bun.sleep(2100);
    expect(await send(signed)).toBe("403 url_expired");
    const good = await sign();
    const otherPart = { ...good, url: good.url.replace("partNumber=1", "partNumber=2") };
    expect(await send(otherPart)).toBe("403 url_signature_invalid");
    const forged = { ...good, url: good.url.replace(/Signature=./, "Signature=f") };
    expect(await send({ ...forged, url: forged.url.replace(/.$/, "x") })).toBe(
      "403 url_signature_invalid",
    );
    expect(await send(good, BYTES.subarray(1))).toBe("403 url_signature_invalid");
    const checked = await sign({ crc32: encodeCrc32(Bun.hash.crc32(BYTES)) });
    expect(new URL(checked.url).searchParams.get("X-Amz-SignedHeaders")).toBe(
      "content-length;host;x-amz-checksum-crc32",
    );
    // Without the header, or with that of other bytes, the signature is not the one that was given.
    expect(await send({ ...checked, headers: {} })).toBe("403 url_signature_invalid");
    const changed = new Uint8Array(BYTES).fill(8);
    const headers = { "x-amz-checksum-crc32": encodeCrc32(Bun.hash.crc32(changed)) };
    expect(await send({ ...checked, headers }, changed)).toBe("403 url_signature_invalid");
    expect(await send(checked, changed)).toBe("400 part_corrupted");
    expect(await storage.listParts(upload)).toEqual([]);
    expect(await send(checked)).toBe("taken");
  });

  test("a part that is sent again with other bytes takes the earlier one's place until the end", async () => {
    const { storage, upload, sign, send } = await begin();
    expect(await send(await sign())).toBe("taken");
    const changed = new Uint8Array(BYTES).fill(8);
    expect(await send(await sign(), changed)).toBe("taken");
    const declared = [{ partNumber: 1, sizeBytes: BYTES.length }];
    const object = await storage.completeMultipartUpload({ upload, parts: declared });
    const stored = await new Response(await storage.get("uploads", upload.key)).bytes();
    expect(stored).toEqual(changed);
    expect(await send(await sign())).toBe("409 upload_closed");
    expect(await storage.completeMultipartUpload({ upload, parts: declared })).toEqual(object);
    const other = [{ partNumber: 1, sizeBytes: BYTES.length + 1 }];
    const failure = storage.completeMultipartUpload({ upload, parts: other });
    expect(failure).rejects.toMatchObject({ code: "upload_size_mismatch" });
  });

  test("objects carry the type and the cache header that a CDN passes on, and no public ACL", async () => {
    const { storage, buckets } = await begin();
    const client = testS3Client(emulator.url);
    for (const [name, type, cache] of [
      ["manifest.mpd", "application/dash+xml", "no-cache"],
      ["a/en/1.m4s", "audio/mp4", "max-age=31536000, immutable"],
      ["presentation.json", "application/json", "no-cache"],
    ] as const) {
      const place = { Bucket: buckets.media, Key: `media/v/p/${name}` };
      await storage.put("media", place.Key, BYTES);
      const head = await client.send(new HeadObjectCommand({ ...place, ChecksumMode: "ENABLED" }));
      expect([head.ContentType, head.CacheControl]).toEqual([type, cache]);
      expect(head.ChecksumCRC32).toBe(encodeCrc32(Bun.hash.crc32(BYTES)));
      const { Grants = [] } = await client.send(new GetObjectAclCommand(place));
      expect(Grants.filter(({ Grantee }) => Grantee?.Type !== "CanonicalUser")).toEqual([]);
      const anonymous = await fetch(`${emulator.url}/${place.Bucket}/${place.Key}`);
      expect(anonymous.status).toBe(403);
    }
  });

  test("a bucket that is not there is told apart from a store that is", async () => {
    const { storage } = await newS3Storage(emulator.url, {
      buckets: { uploads: "nowhere-1", media: "nowhere-2" },
    });
    const problem = { code: "storage_bucket_missing" };
    expect(storage.ping()).rejects.toMatchObject(problem);
    expect(storage.put("media", "media/a", BYTES)).rejects.toMatchObject(problem);
    expect(storage.get("media", "media/a")).rejects.toMatchObject(problem);
    expect(Array.fromAsync(storage.list("media", "media/"))).rejects.toMatchObject(problem);
  });

  test("a location says all that it takes to find the object again", async () => {
    const { storage, buckets } = await begin();
    expect(storage.locate("media", "media/v/p/")).toEqual({
      adapter: "s3",
      bucket: buckets.media,
      key: "media/v/p/",
      region: TEST_REGION,
      endpoint: emulator.url,
      forcePathStyle: true,
    });
  });

  test("more objects than one page of a list holds are listed, and deleted", async () => {
    const { storage } = await newS3Storage(emulator.url);
    const count = 1005;
    const keys = Array.from({ length: count }, (_, index) => `media/video-1/p/v/360p/${index}.m4s`);
    for (let done = 0; done < count; done += 50) {
      const some = keys.slice(done, done + 50);
      await Promise.all(some.map((key) => storage.put("media", key, Buffer.from("x"))));
    }
    const listed = await Array.fromAsync(storage.list("media", "media/video-1/"));
    expect(listed.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
    await storage.deletePrefix("media", "media/video-1/");
    expect(await Array.fromAsync(storage.list("media", "media/"))).toEqual([]);
  }, 60_000);
});

test.each([
  [{ endpoint: null }, "https://in-1.s3.eu-central-1.amazonaws.com"],
  [{ endpoint: null, forcePathStyle: true }, "https://s3.eu-central-1.amazonaws.com"],
  [{ endpoint: "https://s3.example.org" }, "https://in-1.s3.example.org"],
  [
    {
      endpoint: "http://minio:9000",
      publicEndpoint: "https://s3.example.org",
      forcePathStyle: true,
    },
    "https://s3.example.org",
  ],
])("with %j browsers send their parts to %s", async (changes, origin) => {
  const { storage, uploadOrigin } = openS3Storage({
    buckets: { uploads: "in-1", media: "out-1" },
    region: "eu-central-1",
    publicEndpoint: null,
    forcePathStyle: false,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    ...changes,
  });
  expect(uploadOrigin).toBe(origin);
  const { url } = await storage.signPart({
    upload: { key: "uploads/u/v/source", uploadId: "x" },
    partNumber: 1,
    offset: 0,
    sizeBytes: 1,
    crc32: null,
    expiresInSeconds: 60,
  });
  expect(new URL(url).origin).toBe(origin);
});

test("an address is not said to be good for longer than the credentials that signed it", async () => {
  const expiration = new Date(Date.now() + 60_000);
  const { storage } = openS3Storage({
    buckets: { uploads: "in-1", media: "out-1" },
    region: "eu-central-1",
    endpoint: null,
    publicEndpoint: null,
    forcePathStyle: false,
    credentials: { accessKeyId: "a", secretAccessKey: "b", sessionToken: "c", expiration },
  });
  const { expiresAt, url } = await storage.signPart({
    upload: { key: "uploads/u/v/source", uploadId: "x" },
    partNumber: 1,
    offset: 0,
    sizeBytes: 1,
    crc32: null,
    expiresInSeconds: 6 * 3600,
  });
  expect(expiresAt).toEqual(expiration);
  expect(new URL(url).searchParams.get("X-Amz-Security-Token")).toBe("c");
});
