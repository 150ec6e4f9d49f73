import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { attempts, jobs, type Visibility, videos } from "../../src/db/schema.ts";
import type { PlaybackBody, Problem, VideoBody, VideoPage } from "../../src/http/schemas.ts";
import { callApi, sendRaw } from "../fixtures/http-client.ts";
import { startTestServer, type TestServer } from "../fixtures/http-server.ts";

let server: TestServer;
let ada: string;
let grace: string;
beforeAll(async () => {
  server = await startTestServer();
  ada = await server.addUser("ada@example.org");
  grace = await server.addUser("grace@example.org");
});
afterAll(() => server.close());

const call = <T = VideoBody>(
  method: string,
  path: string,
  options: { token?: string | null; body?: unknown } = {},
) => callApi<T>(server.url, method, path, { token: ada, ...options });
const outcome = async (answer: Promise<{ status: number; body: unknown }>) => {
  const { status, body } = await answer;
  return `${status} ${(body as Problem).code}`;
};

const addVideo = async (values: Partial<typeof videos.$inferInsert> = {}): Promise<string> => {
  const [video] = await server.database.queries
    .insert(videos)
    .values({ ownerId: ada, title: "film", sourceBytes: 10, status: "queued", ...values })
    .returning();
  return video?.id ?? "";
};
const addReadyVideo = (visibility: Visibility = "private", ownerId = ada) =>
  addVideo({
    ownerId,
    visibility,
    status: "ready",
    presentationId: Bun.randomUUIDv7(),
    hasPoster: true,
    playableAt: new Date(),
    readyAt: new Date(),
    durationSeconds: 2,
  });

describe("one video", () => {
  test("a foreign private one does not exist, whatever is done to it", async () => {
    const id = await addReadyVideo();
    const tries: [string, string, unknown?][] = [
      ["GET", `/videos/${id}`],
      ["GET", `/videos/${id}/playback`],
      ["PATCH", `/videos/${id}`, { title: "mine now" }],
      ["DELETE", `/videos/${id}`],
    ];
    for (const [method, path, body] of tries) {
      const foreign = call(method, path, { token: grace, body });
      expect(await outcome(foreign)).toBe("404 video_not_found");
      const unknown = path.replace(id, Bun.randomUUIDv7());
      expect(await outcome(call(method, unknown, { body }))).toBe("404 video_not_found");
    }
    expect((await call("GET", `/videos/${id}`, { token: null })).status).toBe(404);
    expect((await call("DELETE", `/videos/${id}`, { token: null })).status).toBe(401);
    expect((await call("GET", `/videos/${id}`)).body).toMatchObject({ mine: true, title: "film" });
  });

  test("unlisted and public ones are for anyone who has the id, but only the owner changes them", async () => {
    for (const visibility of ["unlisted", "public"] as const) {
      const id = await addReadyVideo(visibility);
      for (const token of [grace, null]) {
        const seen = await call("GET", `/videos/${id}`, { token });
        expect(seen.body).toMatchObject({ id, mine: false, visibility });
        expect((await call("GET", `/videos/${id}/playback`, { token })).status).toBe(200);
      }
      const body = { title: "x" };
      expect(await outcome(call("PATCH", `/videos/${id}`, { token: grace, body }))).toBe(
        "404 video_not_found",
      );
    }
  });

  test("title and visibility change; what is no title is refused", async () => {
    const id = await addReadyVideo();
    const changed = await call("PATCH", `/videos/${id}`, {
      body: { title: "  New\n name ", visibility: "public" },
    });
    expect(changed.body).toMatchObject({ title: "New name", visibility: "public" });
    for (const body of [{ title: " \u202E " }, { title: "" }, { title: "x".repeat(201) }]) {
      expect(await outcome(call("PATCH", `/videos/${id}`, { body }))).toBe("422 validation_failed");
    }
    expect((await call("GET", `/videos/${id}`)).body.title).toBe("New name");
  });

  test("a failure is told to its owner, and to nobody else", async () => {
    const id = await addVideo({
      visibility: "unlisted",
      status: "failed",
      failureCode: "source_truncated",
      failureMessage: "The file ends too early.",
      failureRetryable: false,
    });
    expect((await call("GET", `/videos/${id}`)).body.failure).toEqual({
      code: "source_truncated",
      message: "The file ends too early.",
      retryable: false,
    });
    expect((await call("GET", `/videos/${id}`, { token: grace })).body.failure).toBeNull();
  });

  test("progress is the newest attempt's, and waiting ones know their place", async () => {
    const { queries } = server.database;
    const running = await addVideo({ status: "processing" });
    const waiting = await addVideo();
    const [job] = await queries
      .insert(jobs)
      .values({ videoId: running, bucket: "b", objectKey: "1", status: "running", attempt: 2 })
      .returning();
    const attempt = {
      jobId: job?.id ?? "",
      leaseExpiresAt: new Date(),
      status: "running" as const,
    };
    await queries.insert(attempts).values([
      { ...attempt, number: 1, presentationId: Bun.randomUUIDv7(), percent: 90 },
      { ...attempt, number: 2, presentationId: Bun.randomUUIDv7(), percent: 40, etaSeconds: 3 },
    ]);
    for (const objectKey of ["2", "3"]) {
      const videoId = objectKey === "3" ? waiting : await addVideo();
      await queries.insert(jobs).values({ videoId, bucket: "b", objectKey });
    }
    expect((await call("GET", `/videos/${running}`)).body.progress).toEqual({
      percent: 40,
      etaSeconds: 3,
      speed: null,
      queuePosition: null,
      attempt: 2,
    });
    expect((await call("GET", `/videos/${waiting}`)).body.progress).toMatchObject({
      percent: 0,
      queuePosition: 1,
      attempt: 0,
    });
  });

  test("a deleted one is gone for its owner too, and so are its files", async () => {
    const id = await addReadyVideo("public");
    const { body: playback } = await call<PlaybackBody>("GET", `/videos/${id}/playback`);
    const [row] = await server.database.queries.select().from(videos).where(eq(videos.id, id));
    const manifest = join(server.folder, `media/media/${id}/${row?.presentationId}/manifest.mpd`);
    await Bun.write(manifest, "<MPD/>");
    expect((await fetch(playback.dashUrl)).status).toBe(200);
    expect((await call("DELETE", `/videos/${id}`)).status).toBe(204);
    expect(await Bun.file(manifest).exists()).toBe(false);
    expect((await fetch(playback.dashUrl)).status).toBe(404);
    for (const method of ["GET", "DELETE"]) {
      expect(await outcome(call(method, `/videos/${id}`))).toBe("404 video_not_found");
    }
  });

  test("thumbnails are named where there are some", async () => {
    const id = await addReadyVideo("public");
    const ask = () => call<PlaybackBody>("GET", `/videos/${id}/playback`);
    expect((await ask()).body.thumbnailsUrl).toBeNull();
    const [row] = await server.database.queries.select().from(videos).where(eq(videos.id, id));
    const folder = join(server.folder, `media/media/${id}/${row?.presentationId}`);
    await Bun.write(join(folder, "t/thumbnails.vtt"), "WEBVTT\n");
    const { thumbnailsUrl } = (await ask()).body;
    const answer = await fetch(thumbnailsUrl ?? "");
    expect(answer.headers.get("content-type")).toBe("text/vtt; charset=utf-8");
    expect(await answer.text()).toBe("WEBVTT\n");
  });

  test("one that cannot be watched yet says so", async () => {
    const id = await addVideo();
    expect(await outcome(call("GET", `/videos/${id}/playback`))).toBe("409 video_not_playable");
  });
});

describe("lists of videos", () => {
  const pages = async (query: string, token: string | null) => {
    const ids: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const path: string = `/videos?${query}&limit=2${cursor && `&cursor=${cursor}`}`;
      const page: VideoPage = (await call<VideoPage>("GET", path, { token })).body;
      expect(page.items.length).toBeLessThanOrEqual(2);
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    return ids;
  };

  test("mine has all of mine, newest first, page by page, whatever comes in between", async () => {
    const mine = await server.addUser("mine@example.org");
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      made.push(await addVideo({ ownerId: mine, status: count === 0 ? "failed" : "queued" }));
    }
    await addVideo({ ownerId: mine, status: "deleted" });
    expect(await pages("scope=mine", mine)).toEqual(made.toReversed());

    const first = await call<VideoPage>("GET", "/videos?limit=2", { token: mine });
    await addVideo({ ownerId: mine });
    const path = `/videos?limit=2&cursor=${first.body.nextCursor}`;
    const second = await call<VideoPage>("GET", path, { token: mine });
    expect(second.body.items.map(({ id }) => id)).toEqual([made[2] ?? "", made[1] ?? ""]);
  });

  test("public has everybody's public ones that can be watched, for anyone", async () => {
    const theirs = await addReadyVideo("public", grace);
    const hidden = [
      await addReadyVideo("unlisted"),
      await addReadyVideo("private"),
      await addVideo({ visibility: "public" }),
    ];
    for (const token of [ada, null]) {
      const ids = await pages("scope=public", token);
      expect(ids).toContain(theirs);
      expect(ids.filter((id) => hidden.includes(id))).toEqual([]);
    }
  });

  test("a forged cursor, and one of another list, are refused", async () => {
    await Promise.all([1, 2, 3].map(() => addReadyVideo("public")));
    const { body } = await call<VideoPage>("GET", "/videos?scope=public&limit=1");
    for (const cursor of ["abc", `${body.nextCursor}x`]) {
      expect(await outcome(call("GET", `/videos?scope=public&cursor=${cursor}`))).toBe(
        "400 invalid_cursor",
      );
    }
    expect(await outcome(call("GET", `/videos?scope=mine&cursor=${body.nextCursor}`))).toBe(
      "400 invalid_cursor",
    );
  });

  test.each(["limit=0", "limit=101", "limit=x", "scope=all"])("%s is refused", async (query) => {
    expect(await outcome(call("GET", `/videos?${query}`))).toBe("422 validation_failed");
  });

  test("mine needs a person", async () => {
    expect(await outcome(call("GET", "/videos", { token: null }))).toBe("401 not_signed_in");
  });
});

describe("media", () => {
  const text = "0123456789abcdefghij";
  const videoId = Bun.randomUUIDv7();
  const presentationId = Bun.randomUUIDv7();
  let base: string;
  beforeAll(async () => {
    base = server.addresses.sign({ videoId, presentationId }).url;
    for (const name of [
      "manifest.mpd",
      "master.m3u8",
      "v/360/init.mp4",
      "v/360/iframes.m3u8",
      "v/360/1.m4s",
      "a/und/1.m4s",
      "poster.jpg",
      "t/en.vtt",
      "result.json",
    ]) {
      await Bun.write(join(server.folder, "media/media", videoId, presentationId, name), text);
    }
  });
  const get = (name: string, headers: Record<string, string> = {}, method = "GET") =>
    fetch(`${base}/${name}`, { headers: { "accept-encoding": "identity", ...headers }, method });

  test.each([
    ["manifest.mpd", "application/dash+xml", "private, no-cache"],
    ["master.m3u8", "application/vnd.apple.mpegurl", "private, no-cache"],
    ["v/360/init.mp4", "video/mp4", "private, max-age=31536000, immutable"],
    ["v/360/1.m4s", "video/mp4", "private, max-age=31536000, immutable"],
    ["a/und/1.m4s", "audio/mp4", "private, max-age=31536000, immutable"],
    ["poster.jpg", "image/jpeg", "private, max-age=31536000, immutable"],
    ["t/en.vtt", "text/vtt; charset=utf-8", "private, max-age=31536000, immutable"],
  ])("%s comes as %s, by GET and by HEAD", async (name, contentType, cacheControl) => {
    for (const method of ["GET", "HEAD"]) {
      const answer = await get(name, {}, method);
      const { headers } = answer;
      expect(headers.get("content-encoding")).toBeNull();
      expect([answer.status, await answer.text()]).toEqual([200, method === "GET" ? text : ""]);
      expect(headers.get("content-length")).toBe("20");
      expect(headers.get("content-type")).toBe(contentType);
      expect(headers.get("cache-control")).toBe(cacheControl);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("accept-ranges")).toBe("bytes");
      expect(headers.get("access-control-allow-origin")).toBe("*");
    }
  });

  test.each(["manifest.mpd", "master.m3u8", "v/360/iframes.m3u8"])(
    "%s is packed for who takes gzip, and never when a part is asked for",
    async (name) => {
      const plain = await get(name);
      const raw = { decompress: false, headers: { "accept-encoding": "br, gzip;q=0.8" } };
      const packed = await fetch(`${base}/${name}`, raw);
      const bytes = await packed.bytes();
      expect(packed.headers.get("content-encoding")).toBe("gzip");
      expect(packed.headers.get("content-length")).toBe(String(bytes.length));
      expect(packed.headers.get("content-type")).toBe(plain.headers.get("content-type"));
      expect(new TextDecoder().decode(Bun.gunzipSync(bytes))).toBe(text);
      expect([plain, packed].map(({ headers }) => headers.get("vary"))).toEqual([
        "accept-encoding",
        "accept-encoding",
      ]);
      const etag = packed.headers.get("etag") ?? "";
      expect(etag).toBe(`W/${plain.headers.get("etag")}`);
      for (const headers of [{ ...raw.headers }, {}]) {
        expect((await get(name, { ...headers, "if-none-match": etag })).status).toBe(304);
      }
      const part = await get(name, { ...raw.headers, range: "bytes=5-9" });
      expect([part.status, await part.text()]).toEqual([206, "56789"]);
      const refused = await get(name, { "accept-encoding": "gzip;q=0" });
      expect(refused.headers.get("content-encoding")).toBeNull();
    },
  );

  test("segments are sent as they are", async () => {
    const answer = await get("v/360/1.m4s", { "accept-encoding": "gzip" });
    expect(answer.headers.get("content-encoding")).toBeNull();
  });

  test.each([
    ["bytes=0-0", "bytes 0-0/20", "0"],
    ["bytes=5-9", "bytes 5-9/20", "56789"],
    ["bytes=15-", "bytes 15-19/20", "fghij"],
    ["bytes=15-99", "bytes 15-19/20", "fghij"],
    ["bytes=-3", "bytes 17-19/20", "hij"],
    ["bytes=-99", "bytes 0-19/20", text],
  ])("%s is answered with exactly these bytes", async (range, contentRange, bytes) => {
    const answer = await get("v/360/1.m4s", { range });
    expect(answer.status).toBe(206);
    expect(answer.headers.get("content-range")).toBe(contentRange);
    expect(answer.headers.get("content-length")).toBe(String(bytes.length));
    expect(await answer.text()).toBe(bytes);
  });

  test.each(["bytes=20-", "bytes=-0"])("%s cannot be satisfied", async (range) => {
    const answer = await get("v/360/1.m4s", { range });
    expect(answer.status).toBe(416);
    expect(answer.headers.get("content-range")).toBe("bytes */20");
    expect(await answer.json()).toMatchObject({ code: "range_not_satisfiable" });
  });

  test.each(["bytes=0-1,4-5", "bytes=9-5", "chunks=0-1", "bytes=a-b"])(
    "%s is answered whole",
    async (range) => {
      const answer = await get("v/360/1.m4s", { range });
      expect([answer.status, await answer.text()]).toEqual([200, text]);
    },
  );

  test("what has not changed is not sent again", async () => {
    const etag = (await get("manifest.mpd")).headers.get("etag") ?? "";
    expect(etag).toMatch(/^".+"$/);
    const matching = [etag, `W/${etag}`, `"x", ${etag}`, "*"];
    for (const value of matching) {
      const answer = await get("manifest.mpd", { "if-none-match": value });
      expect([answer.status, await answer.text()]).toEqual([304, ""]);
      expect(answer.headers.get("etag")).toBe(etag);
    }
    expect((await get("manifest.mpd", { "if-none-match": '"x"' })).status).toBe(200);
    const part = { range: "bytes=0-1" };
    expect((await get("v/360/1.m4s", { ...part, "if-range": '"x"' })).status).toBe(200);
    const own = (await get("v/360/1.m4s")).headers.get("etag") ?? "";
    expect((await get("v/360/1.m4s", { ...part, "if-range": own })).status).toBe(206);
  });

  test("what is not for players is not there", async () => {
    for (const name of [
      "result.json",
      "v/360/2.m4s",
      "v/360",
      "v",
      "x",
      ".m4s",
      "v/360/1.m4s/x.m4s",
    ]) {
      expect((await get(name)).status).toBe(404);
    }
  });

  test("no path leads out of the presentation", async () => {
    const other = join(server.folder, "media/media", videoId, "other/manifest.mpd");
    await Bun.write(other, "secret");
    const path = new URL(base).pathname;
    for (const way of [
      "../other/manifest.mpd",
      "%2e%2e/other/manifest.mpd",
      "..%2fother%2fmanifest.mpd",
      "v/../../other/manifest.mpd",
      "v/%2e%2e/%2e%2e/other/manifest.mpd",
      "..%5cother%5cmanifest.mpd",
      "%252e%252e/other/manifest.mpd",
      "../../../../../../../../etc/passwd.m4s",
      "v/360/1.m4s%00.mpd",
    ]) {
      const answer = await sendRaw(
        server.url,
        `GET ${path}/${way} HTTP/1.1\r\nHost: sluice\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 (404|403|400) /);
      expect(answer).not.toContain("secret");
    }
  });

  test("a forged token, a worn-out one and one for another presentation open nothing", async () => {
    const [, token = ""] = /\/media\/([^/]+)\//.exec(base) ?? [];
    const media = `${server.url}/media`;
    const other = Bun.randomUUIDv7();
    const old = server.addresses.sign({ videoId, presentationId }, new Date("2026-01-01")).url;
    for (const [url, code] of [
      [`${media}/x${token}/${presentationId}/manifest.mpd`, "url_signature_invalid"],
      [`${media}/${token}/${other}/manifest.mpd`, "url_signature_invalid"],
      [`${old}/manifest.mpd`, "url_expired"],
    ]) {
      const answer = await fetch(url ?? "");
      expect([answer.status, (await answer.json()).code]).toEqual([403, code]);
    }
  });

  test("addresses stay the same for hours, so that caches find things again, and are good for 6 at least", () => {
    const at = (time: string) => server.addresses.sign({ videoId, presentationId }, new Date(time));
    const first = at("2026-11-22T06:00:00Z");
    expect(at("2026-11-22T11:59:59Z")).toEqual(first);
    expect(first.expiresAt).toEqual(new Date("2026-11-22T18:00:00Z"));
    expect(at("2026-11-22T12:00:00Z").url).not.toBe(first.url);
  });

  test("nothing is written there", async () => {
    const answer = await get("manifest.mpd", {}, "PUT");
    expect([answer.status, (await answer.json()).code]).toEqual([405, "method_not_allowed"]);
    expect(answer.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
  });

  test("players on other sites may ask first", async () => {
    const answer = await get("manifest.mpd", { origin: "https://elsewhere.example" }, "OPTIONS");
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-allow-headers")).toContain("Range");
  });
});
