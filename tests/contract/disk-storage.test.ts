import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFile, mkdtemp, readdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SluiceError } from "../../src/errors.ts";
import { openDiskStorage } from "../../src/storage/disk.ts";
import type { MultipartUpload, OpenedStorage } from "../../src/storage/index.ts";

/** What disk storage promises beyond the port: signatures, crashes, full disks, files left behind. */
describe("disk storage", () => {
  const KEY = "uploads/user-1/video-1/source";
  const content = new Uint8Array(3000).map((_, index) => index % 251);
  let folder: string;
  let opened: OpenedStorage;
  let upload: MultipartUpload;

  const reopen = async () => {
    opened = await openDiskStorage({
      folder,
      signingKey: new Uint8Array(32).fill(7),
      publicUrl: "http://sluice.test",
    });
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-disk-"));
    await reopen();
    upload = await opened.storage.createMultipartUpload({
      key: KEY,
      sizeBytes: 3000,
      contentType: "video/mp4",
    });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const partOf = (partNumber: number) => ({
    partNumber,
    offset: (partNumber - 1) * 1000,
    sizeBytes: 1000,
  });
  const parts = [1, 2, 3].map(partOf);
  const incoming = () => join(folder, "uploads", ".incoming", upload.uploadId);

  const sign = async (partNumber: number, expiresInSeconds = 60) => {
    const { url } = await opened.storage.signPart({
      upload,
      ...partOf(partNumber),
      crc32: null,
      expiresInSeconds,
    });
    return url.replace("http://sluice.test/storage/uploads/", "");
  };
  /** Sends `chunks` as the body; `asked` counts how many of them were taken. */
  const put = (token: string, chunks: Uint8Array[], contentLength: number | null) => {
    const taken = { asked: 0 };
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          const chunk = chunks[taken.asked];
          if (chunk) {
            taken.asked += 1;
            controller.enqueue(chunk);
          } else {
            controller.close();
          }
        },
      },
      { highWaterMark: 0 },
    );
    const outcome = (opened.partReceiver?.receive({ token, contentLength, body }) ??
      Promise.reject(new Error("no receiver"))) as Promise<unknown>;
    return outcome.then(
      () => ({ code: null, ...taken }),
      (thrown: SluiceError) => ({ code: thrown.code, asked: taken.asked }),
    );
  };
  const slice = (partNumber: number) => content.slice((partNumber - 1) * 1000, partNumber * 1000);
  const receivedParts = async () =>
    (await opened.storage.listParts(upload)).map((part) => part.partNumber);

  test("a wrong signature, an expired address and a wrong length are refused before a byte is read", async () => {
    const token = await sign(1);
    const forged = `${token.slice(0, -2)}${token.endsWith("AA") ? "BB" : "AA"}`;
    expect(await put(forged, [slice(1)], 1000)).toEqual({
      code: "url_signature_invalid",
      asked: 0,
    });
    expect(await put("", [slice(1)], 1000)).toEqual({ code: "url_signature_invalid", asked: 0 });
    expect(await put(await sign(1, -1), [slice(1)], 1000)).toEqual({
      code: "url_expired",
      asked: 0,
    });
    expect(await put(token, [slice(1)], 1001)).toEqual({ code: "part_size_mismatch", asked: 0 });
    expect(await put(token, [slice(1)], null)).toEqual({ code: "part_size_mismatch", asked: 0 });
    expect(await receivedParts()).toEqual([]);
  });

  test("a body that runs on is cut off, one that ends early is not counted; the neighbours stay whole", async () => {
    await put(await sign(2), [slice(2)], 1000);
    const tooMuch = [slice(1), new Uint8Array(500).fill(255), new Uint8Array(500).fill(255)];
    expect(await put(await sign(1), tooMuch, 1000)).toEqual({
      code: "part_size_mismatch",
      asked: 2,
    });
    expect((await put(await sign(3), [slice(3).subarray(0, 10)], 1000)).code).toBe(
      "part_size_mismatch",
    );
    expect(await receivedParts()).toEqual([2]);
    expect(new Uint8Array(await readFile(join(incoming(), "data"))).slice(1000, 2000)).toEqual(
      slice(2),
    );
  });

  test("a part that comes again with other bytes is refused and changes nothing", async () => {
    await put(await sign(1), [slice(1)], 1000);
    expect((await put(await sign(1), [slice(2)], 1000)).code).toBe("part_changed");
    expect(new Uint8Array(await readFile(join(incoming(), "data"))).slice(0, 1000)).toEqual(
      slice(1),
    );
  });

  test("parts survive a restart, and a torn line in the log costs nothing but its own part", async () => {
    await put(await sign(1), [slice(1)], 1000);
    await appendFile(join(incoming(), "parts"), "\n2 1000 10");
    await reopen();
    expect(await receivedParts()).toEqual([1]);
    await put(await sign(2), [slice(2)], 1000);
    await put(await sign(3), [slice(3)], 1000);
    expect(await receivedParts()).toEqual([1, 2, 3]);
    await opened.storage.completeMultipartUpload({ upload, parts });
    expect(new Uint8Array(await readFile(join(folder, "uploads", KEY)))).toEqual(content);
  });

  test("a full disk is storage_full, and the part counts as missing", async () => {
    await rm(join(incoming(), "data"));
    await symlink("/dev/full", join(incoming(), "data"));
    expect((await put(await sign(1), [slice(1)], 1000)).code).toBe("storage_full");
    expect(await receivedParts()).toEqual([]);
  });

  test("completing moves the one file, leaves no second copy and no folder of the upload", async () => {
    for (const partNumber of [3, 1, 2]) {
      await put(await sign(partNumber), [slice(partNumber)], 1000);
    }
    const before = await stat(join(incoming(), "data"));
    await opened.storage.completeMultipartUpload({ upload, parts });
    expect((await stat(join(folder, "uploads", KEY))).ino).toBe(before.ino);
    expect(await readdir(join(folder, "uploads", ".incoming"))).toEqual([]);
  });

  test("a stop between the rename and the clean-up is made good by completing again", async () => {
    for (const partNumber of [1, 2, 3]) {
      await put(await sign(partNumber), [slice(partNumber)], 1000);
    }
    const log = await readFile(join(incoming(), "parts"), "utf8");
    const first = await opened.storage.completeMultipartUpload({ upload, parts });
    await Bun.write(join(incoming(), "parts"), log);
    expect(await opened.storage.completeMultipartUpload({ upload, parts })).toEqual(first);
    expect(await readdir(join(folder, "uploads", ".incoming"))).toEqual([]);
  });

  test("a deleted object takes its empty folders along", async () => {
    await Bun.write(join(folder, "uploads", "uploads/user-1/video-2/source"), "x");
    await opened.storage.delete("uploads", "uploads/user-1/video-2/source");
    expect(await readdir(join(folder, "uploads", "uploads"))).toEqual([]);
  });
});
