import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, symlink, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { uploads, videos } from "../../src/db/schema.ts";
import type {
  Problem,
  SignedPart,
  SignedParts,
  UploadBody,
  UploadList,
  UploadStarted,
  VideoBody,
} from "../../src/http/schemas.ts";
import { callApi, sendRaw } from "../fixtures/http-client.ts";
import { startTestServer, type TestServer } from "../fixtures/http-server.ts";

const content = new Uint8Array(9500).map((_, index) => (index * 7) % 251);

describe("uploads over HTTP", () => {
  let server: TestServer;
  let ada: string;
  let grace: string;
  beforeAll(async () => {
    server = await startTestServer({ settings: { maxUploadBytes: 100_000 } });
    ada = await server.addUser("ada@example.org");
    grace = await server.addUser("grace@example.org");
  });
  afterAll(() => server.close());

  const call = <T>(method: string, path: string, body?: unknown, token: string | null = ada) =>
    callApi<T>(server.url, method, path, { body, token });
  const start = async (changes: Record<string, unknown> = {}) =>
    (
      await call<UploadStarted>("POST", "/uploads", {
        fileName: "holiday.mp4",
        sizeBytes: content.byteLength,
        ...changes,
      })
    ).body;
  const sendPart = (part: SignedPart, bytes = content) =>
    fetch(part.url, {
      method: part.method,
      headers: part.headers,
      body: bytes.slice(part.offset, part.offset + part.sizeBytes),
    });
  const sendParts = async (parts: readonly SignedPart[]) => {
    const answers = await Promise.all(parts.map((part) => sendPart(part)));
    expect(answers.map(({ status }) => status)).toEqual(parts.map(() => 204));
  };
  const state = async (uploadId: string) =>
    (await call<UploadBody>("GET", `/uploads/${uploadId}`)).body;
  const problemOf = async (response: Response) => {
    const problem = (await response.json()) as Problem;
    return `${response.status} ${problem.code}`;
  };

  test("a browser that is closed at 60 % goes on at 60 %", async () => {
    const { upload, video, parts } = await start({ title: " My  film ", visibility: "unlisted" });
    expect(video).toMatchObject({
      status: "uploading",
      title: "My film",
      visibility: "unlisted",
      mine: true,
      uploadId: upload.id,
    });
    await sendParts(parts.slice(0, 6));

    const [found] = (await call<UploadList>("GET", "/uploads")).body.items;
    expect(found).toMatchObject({
      id: upload.id,
      partCount: 10,
      receivedParts: [1, 2, 3, 4, 5, 6],
      receivedBytes: 6000,
    });
    const early = await call<Problem>("POST", `/uploads/${upload.id}/complete`);
    expect(early.status).toBe(409);
    expect(early.body).toMatchObject({ code: "upload_incomplete", missingParts: [7, 8, 9, 10] });

    const missing = { partNumbers: [7, 8, 9, 10] };
    const signed = await call<SignedParts>("POST", `/uploads/${upload.id}/parts`, missing);
    await sendParts(signed.body.parts);
    const done = await call<VideoBody>("POST", `/uploads/${upload.id}/complete`);
    expect(done.status).toBe(200);
    expect(done.body).toMatchObject({ id: video.id, status: "queued", uploadId: null });
    expect(done.body.progress).toMatchObject({ percent: 0, attempt: 0 });
    expect(await state(upload.id)).toMatchObject({ status: "completed", receivedBytes: 9500 });
    const stored = await readFile(join(server.folder, "uploads/uploads", ada, video.id, "source"));
    expect(new Uint8Array(stored)).toEqual(content);
  });

  test("a part sent twice is harmless; with other bytes it is refused", async () => {
    const { upload, parts } = await start();
    const [part] = parts;
    if (!part) {
      throw new Error("no part");
    }
    const answers = await Promise.all([sendPart(part), sendPart(part), sendPart(part)]);
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
    expect(new Set(answers.map(({ headers }) => headers.get("etag"))).size).toBe(1);
    expect(await problemOf(await sendPart(part, content.toReversed()))).toBe("409 part_changed");
    expect((await state(upload.id)).receivedParts).toEqual([1]);
  });

  test("a part out of range cannot be signed", async () => {
    const { upload } = await start();
    const answer = await call<Problem>("POST", `/uploads/${upload.id}/parts`, {
      partNumbers: [11],
    });
    expect(`${answer.status} ${answer.body.code}`).toBe("422 part_out_of_range");
  });

  test("a forged, an expired and a wrong address are refused", async () => {
    const { upload, parts } = await start();
    const [first, second] = parts;
    const [row] = await server.database.queries
      .select()
      .from(uploads)
      .where(eq(uploads.id, upload.id));
    if (!first || !second || !row) {
      throw new Error("nothing was begun");
    }
    const forged = first.url.replace(/.$/, (last) => (last === "A" ? "Q" : "A"));
    expect(await problemOf(await sendPart({ ...first, url: forged }))).toBe(
      "403 url_signature_invalid",
    );
    const expired = await server.storage.signPart({
      upload: { key: row.objectKey, uploadId: row.storageUploadId },
      ...first,
      crc32: null,
      expiresInSeconds: -1,
    });
    expect(await problemOf(await sendPart({ ...first, ...expired, expiresAt: "" }))).toBe(
      "403 url_expired",
    );
    expect((await state(upload.id)).receivedParts).toEqual([]);
  });

  const partPath = (part: SignedPart | undefined) => new URL(part?.url ?? "").pathname;

  test("a body of another length than signed is refused from its headers alone", async () => {
    const { upload, parts } = await start();
    const path = partPath(parts[0]);
    for (const header of ["Content-Length: 1001", "Content-Length: 999"]) {
      const answer = await sendRaw(
        server.url,
        `PUT ${path} HTTP/1.1\r\nHost: sluice\r\n${header}\r\n\r\n`,
      );
      expect(answer).toStartWith("HTTP/1.1 400 ");
      expect(answer).toContain('"part_size_mismatch"');
    }
    const chunked = "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    expect(
      await sendRaw(server.url, `PUT ${path} HTTP/1.1\r\nHost: sluice\r\n${chunked}`),
    ).toContain('"part_size_mismatch"');
    expect((await state(upload.id)).receivedParts).toEqual([]);
  });

  test("what a client sends beyond the length it declared is not part of the part", async () => {
    const { upload, video, parts } = await start({ sizeBytes: 1000 });
    const body = "x".repeat(1000) + "y".repeat(500);
    const path = partPath(parts[0]);
    const answer = await sendRaw(
      server.url,
      `PUT ${path} HTTP/1.1\r\nHost: sluice\r\nContent-Length: 1000\r\n\r\n${body}`,
    );
    expect(answer).toStartWith("HTTP/1.1 204 ");
    await call("POST", `/uploads/${upload.id}/complete`);
    const stored = join(server.folder, "uploads/uploads", ada, video.id, "source");
    expect(await readFile(stored, "utf8")).toBe("x".repeat(1000));
  });

  test("a connection that breaks in mid-part loses that part alone; sent again it counts", async () => {
    const { upload, parts } = await start();
    const [part] = parts;
    if (!part) {
      throw new Error("no part");
    }
    const { hostname, port } = new URL(server.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        const head = `PUT ${partPath(part)} HTTP/1.1\r\nHost: sluice\r\nContent-Length: 1000\r\n\r\n`;
        socket.write(`${head}${"z".repeat(400)}`, () => {
          socket.destroy();
          resolve();
        });
      });
    });
    expect((await state(upload.id)).receivedParts).toEqual([]);
    expect((await sendPart(part)).status).toBe(204);
    expect((await state(upload.id)).receivedParts).toEqual([1]);
  });

  test("two completes at once both succeed and make one video", async () => {
    const { upload, video, parts } = await start();
    await sendParts(parts);
    const answers = await Promise.all(
      [1, 2].map(() => call<VideoBody>("POST", `/uploads/${upload.id}/complete`)),
    );
    expect(answers.map(({ status, body }) => [status, body.id, body.status])).toEqual([
      [200, video.id, "queued"],
      [200, video.id, "queued"],
    ]);
  });

  test("another user's upload is not found, and nobody has any without signing in", async () => {
    const { upload } = await start();
    const requests: [string, string, unknown?][] = [
      ["GET", `/uploads/${upload.id}`],
      ["POST", `/uploads/${upload.id}/parts`, { partNumbers: [1] }],
      ["POST", `/uploads/${upload.id}/complete`],
      ["DELETE", `/uploads/${upload.id}`],
    ];
    for (const [method, path, body] of requests) {
      const foreign = await call<Problem>(method, path, body, grace);
      expect(`${foreign.status} ${foreign.body.code}`).toBe("404 upload_not_found");
      expect((await call(method, path, body, null)).status).toBe(401);
    }
    expect((await call<UploadList>("GET", "/uploads", undefined, grace)).body.items).toEqual([]);
  });

  test.each([
    [{ sizeBytes: 0 }, "422 upload_empty"],
    [{ sizeBytes: 100_001 }, "413 upload_too_large"],
    [{ sizeBytes: -1 }, "422 validation_failed"],
    [{ sizeBytes: 1.5 }, "422 validation_failed"],
    [{ fileName: "" }, "422 validation_failed"],
    [{ visibility: "secret" }, "422 validation_failed"],
  ])("a start with %j is %s", async (changes, expected) => {
    const body = { fileName: "a.mp4", sizeBytes: 10, ...changes };
    const answer = await call<Problem>("POST", "/uploads", body);
    expect(`${answer.status} ${answer.body.code}`).toBe(expected);
  });

  test("a file name full of traps becomes an ordinary title", async () => {
    const { upload, video } = await start({ fileName: "../../etc/\u0000pass\u202Ewd.mp4" });
    expect(video.title).toBe("pass wd");
    expect(upload.fileName).not.toMatch(/\p{Cc}/u);
  });

  test("cancelling takes upload and video away", async () => {
    const { upload, video, parts } = await start();
    await sendParts(parts.slice(0, 1));
    expect((await call("DELETE", `/uploads/${upload.id}`)).status).toBe(204);
    expect((await state(upload.id)).status).toBe("cancelled");
    expect((await call("GET", `/videos/${video.id}`)).status).toBe(404);
    const [, second] = parts;
    expect(second && (await problemOf(await sendPart(second)))).toBe("409 upload_closed");
    const { id } = (await start()).upload;
    expect((await readdir(join(server.folder, "uploads/.incoming"))).length).toBeGreaterThan(0);
    expect((await call("DELETE", `/uploads/${id}`)).status).toBe(204);
  });

  describe("with an Idempotency-Key", () => {
    const create = (key: string, sizeBytes: number) =>
      callApi<UploadStarted & Problem>(server.url, "POST", "/uploads", {
        token: ada,
        body: { fileName: `${key}.mp4`, sizeBytes },
        headers: { "idempotency-key": key },
      });

    test("the same request gives the same answer and makes nothing new", async () => {
      const first = await create("repeat", 10);
      const second = await create("repeat", 10);
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.body).toEqual(first.body);
      expect(first.headers.get("idempotency-replayed")).toBeNull();
      expect(second.headers.get("idempotency-replayed")).toBe("true");
    });

    test("another request under the same key is refused", async () => {
      await create("other", 10);
      const answer = await create("other", 11);
      expect(`${answer.status} ${answer.body.code}`).toBe("422 idempotency_key_reused");
    });

    test("two at once make one video", async () => {
      const answers = await Promise.all([create("race", 10), create("race", 10)]);
      for (const { status, body } of answers) {
        expect([`201 undefined`, "409 idempotency_key_in_use"]).toContain(`${status} ${body.code}`);
      }
      const made = await server.database.queries.$count(videos, eq(videos.title, "race"));
      expect(made).toBe(1);
    });

    test("a failure is not kept: the next try may succeed", async () => {
      expect((await create("failing", 0)).status).toBe(422);
      expect((await create("failing", 0)).body.code).toBe("upload_empty");
    });

    test("a key with a space is no key", async () => {
      expect((await create("a key", 10)).status).toBe(422);
    });
  });
});

describe("a disk that fills up in mid-upload", () => {
  const MIB = 1024 ** 2;
  let folder: string;
  let mounted: boolean;
  let server: TestServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-full-"));
    // A real file system of 2 MiB where we may mount one. Elsewhere the data file leads to
    // /dev/full, which answers every write as a full disk does.
    const mount = ["-t", "tmpfs", "-o", "size=2m,mode=0700", "sluice", folder];
    mounted = spawnSync("mount", mount).status === 0;
    server = await startTestServer({ folder, settings: { partBytes: MIB } });
  });
  afterAll(async () => {
    await server.close();
    if (mounted) {
      spawnSync("umount", [folder]);
    }
    await rm(folder, { recursive: true });
  });

  test("is refused with storage_full, keeps what was acknowledged, and goes on once there is room", async () => {
    const ada = await server.addUser("ada@example.org");
    const call = <T>(method: string, path: string, body?: unknown) =>
      callApi<T>(server.url, method, path, { body, token: ada });
    const file = new Uint8Array(1.5 * MIB).fill(1);
    const started = await call<UploadStarted>("POST", "/uploads", {
      fileName: "a.mp4",
      sizeBytes: file.byteLength,
    });
    const { upload, parts } = started.body;
    const send = (part: SignedPart | undefined) =>
      fetch(part?.url ?? "", { method: "PUT", body: file.slice(0, part?.sizeBytes) });
    const [first, second] = parts;
    expect((await send(first)).status).toBe(204);

    const data = join(folder, "uploads/.incoming");
    const [incoming = ""] = await readdir(data);
    const dataPath = join(data, incoming, "data");
    const ballast = join(folder, "ballast");
    const kept = new Uint8Array(await readFile(dataPath));
    if (mounted) {
      await Bun.write(ballast, new Uint8Array(0.75 * MIB));
    } else {
      await unlink(dataPath);
      await symlink("/dev/full", dataPath);
    }
    const refused = await send(second);
    expect(`${refused.status} ${((await refused.json()) as Problem).code}`).toBe(
      "507 storage_full",
    );
    const state = await call<UploadBody>("GET", `/uploads/${upload.id}`);
    expect(state.body.receivedParts).toEqual([1]);

    await rm(mounted ? ballast : dataPath);
    if (!mounted) {
      await Bun.write(dataPath, kept);
    }
    expect((await send(second)).status).toBe(204);
    const done = await call<VideoBody>("POST", `/uploads/${upload.id}/complete`);
    expect(done.body.status).toBe("queued");
  });

  test("takes no upload that it has no room for", async () => {
    const grace = await server.addUser("grace@example.org");
    const answer = await callApi<Problem>(server.url, "POST", "/uploads", {
      token: grace,
      body: { fileName: "a.mp4", sizeBytes: mounted ? 2 * MIB : 1024 ** 3 + 1 },
    });
    expect(`${answer.status} ${answer.body.code}`).toBe(
      mounted ? "507 storage_full" : "413 upload_too_large",
    );
  });
});
