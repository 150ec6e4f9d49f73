/** Media in S3 reach a real player: through the api, and through a distribution that wants signed cookies. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { videos } from "../../../src/db/schema.ts";
import type { PlaybackBody, VideoPage } from "../../../src/http/schemas.ts";
import { type Distribution, startDistribution } from "../../fixtures/aws/distribution.ts";
import { type Emulator, startMinistack } from "../../fixtures/aws/emulators.ts";
import { PAGE_PASSWORD, type PageServer, startPageServer } from "../../fixtures/aws/page-server.ts";
import { newS3Storage, testS3Client } from "../../fixtures/aws/s3-storage.ts";
import { launchBrowser } from "../../fixtures/browser.ts";
import { freePort } from "../../fixtures/free-port.ts";
import {
  makePresentation,
  type TestPresentation,
} from "../../integration/playback/test-presentation.ts";

const DOMAIN = "sluice.test";
const KEY_PAIR_ID = "K2JCJMDEHXQW5F";
const { publicKey, privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

let emulator: Emulator;
let presentation: TestPresentation;
let browser: Browser;
let opened: Awaited<ReturnType<typeof newS3Storage>>;
beforeAll(async () => {
  [emulator, presentation, browser] = await Promise.all([
    startMinistack({ strict: true }),
    makePresentation("encoded"),
    launchBrowser({ localDomain: DOMAIN }),
  ]);
  opened = await newS3Storage(emulator.url);
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await presentation?.remove();
  await emulator?.stop();
});

/** A ready video whose files lie in the media bucket. */
const addVideo = async (server: PageServer): Promise<{ id: string; prefix: string }> => {
  const presentationId = Bun.randomUUIDv7();
  const [video] = await server.database.queries
    .insert(videos)
    .values({
      ownerId: server.userId,
      title: "film",
      sourceBytes: 10,
      status: "ready",
      presentationId,
      hasPoster: true,
      playableAt: new Date(),
      readyAt: new Date(),
      durationSeconds: presentation.durationSeconds,
    })
    .returning();
  const id = video?.id ?? "";
  const prefix = `media/${id}/${presentationId}/`;
  for (const entry of await readdir(presentation.folder, {
    recursive: true,
    withFileTypes: true,
  })) {
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(presentation.folder.length + 1);
      await opened.storage.put("media", prefix + name, await Bun.file(path).bytes());
    }
  }
  return { id, prefix };
};

const signedIn = async (server: PageServer): Promise<[BrowserContext, Page, string[]]> => {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 } });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    // Without https Chromium ignores one of the headers; and nobody is signed in at first.
    if (message.type() === "error" && !/Cross-Origin-Opener-Policy|401/.test(message.text())) {
      complaints.push(`${message.text()} ${message.location().url}`);
    }
  });
  await page.goto(`${server.url}/login`);
  await page.getByLabel("E-mail").fill(server.email);
  await page.getByLabel("Password", { exact: true }).fill(PAGE_PASSWORD);
  await page.getByTestId("submit").click();
  const poster = page.getByTestId("video-card").locator("img").first();
  await poster.waitFor();
  await page.waitForFunction(() => (document.querySelector("img")?.naturalWidth ?? 0) > 0);
  return [context, page, complaints];
};

/** Plays to the end at the watch page. */
const play = async (page: Page, server: PageServer, id: string, format: string) => {
  await page.goto(`${server.url}/watch/${id}?format=${format}`);
  // Loading a presentation would end a play that began before.
  await page.waitForFunction(() => (document.querySelector("video")?.videoWidth ?? 0) > 0);
  await page.locator("video").evaluate((video: HTMLVideoElement) => {
    video.muted = true;
    void video.play();
  });
  await page.waitForFunction(() => document.querySelector("video")?.ended === true, undefined, {
    timeout: 60_000,
  });
  return await page.locator("video").evaluate((video: HTMLVideoElement) => ({
    duration: video.duration,
    width: video.videoWidth,
  }));
};

describe("through the api", () => {
  let server: PageServer;
  beforeAll(async () => {
    server = await startPageServer({ port: await freePort(), opened, settings: {} });
  });
  afterAll(() => server.close());

  test("signed addresses serve ranges, conditions and HEAD of objects in the bucket, and a player plays", async () => {
    const { id, prefix } = await addVideo(server);
    const [context, page] = await signedIn(server);
    const playback = await page.evaluate(
      async (video) => (await (await fetch(`/videos/${video}/playback`)).json()) as PlaybackBody,
      id,
    );
    expect(playback.credentials).toBeNull();
    const segment = playback.dashUrl.replace("manifest.mpd", "v/360/1.m4s");
    const whole = await opened.storage.head("media", `${prefix}v/360/1.m4s`);
    const head = await fetch(segment, { method: "HEAD" });
    expect([head.status, head.headers.get("etag"), head.headers.get("content-length")]).toEqual([
      200,
      whole?.etag ?? "",
      String(whole?.sizeBytes),
    ]);
    const part = await fetch(segment, { headers: { range: "bytes=10-19" } });
    expect([part.status, (await part.bytes()).length]).toEqual([206, 10]);
    const unchanged = await fetch(segment, { headers: { "if-none-match": whole?.etag ?? "" } });
    expect(unchanged.status).toBe(304);
    expect((await fetch(segment.replace("/360/", "/361/"))).status).toBe(404);
    const { duration, width } = await play(page, server, id, "dash");
    expect(duration).toBeCloseTo(presentation.durationSeconds, 0);
    expect(width).toBeGreaterThan(0);
    await context.close();
  }, 120_000);
});

describe("through a distribution", () => {
  let server: PageServer;
  let distribution: Distribution;
  beforeAll(async () => {
    distribution = startDistribution({
      host: `media.${DOMAIN}`,
      client: testS3Client(emulator.url),
      bucket: opened.buckets.media,
      keyPairId: KEY_PAIR_ID,
      publicKey,
      pageOrigin: () => server.url,
    });
    const port = await freePort();
    server = await startPageServer({
      port,
      opened,
      settings: {
        STORAGE: "s3",
        UPLOADS_BUCKET: opened.buckets.uploads,
        MEDIA_BUCKET: opened.buckets.media,
        AWS_REGION: "eu-central-1",
        PUBLIC_URL: `http://video.${DOMAIN}:${port}`,
        DELIVERY: "cloudfront",
        MEDIA_URL: distribution.url,
        CLOUDFRONT_KEY_PAIR_ID: KEY_PAIR_ID,
        CLOUDFRONT_PRIVATE_KEY: privateKey,
        MEDIA_COOKIE_DOMAIN: DOMAIN,
      },
    });
  });
  afterAll(async () => {
    await server?.close();
    await distribution?.close();
  });

  test("the page shows posters and plays DASH and HLS by cookies that open this presentation alone", async () => {
    const { id } = await addVideo(server);
    const other = await addVideo(server);
    const [context, page, complaints] = await signedIn(server);
    expect(
      distribution.answers.every(
        ({ status, path }) => status === 200 && path.endsWith("poster.jpg"),
      ),
    ).toBe(true);
    for (const format of ["dash", "hls"]) {
      distribution.answers.length = 0;
      const { duration, width } = await play(page, server, id, format);
      expect(duration).toBeCloseTo(presentation.durationSeconds, 0);
      expect(width).toBeGreaterThan(0);
      const refused = distribution.answers.filter(({ status }) => status !== 200);
      expect(refused).toEqual([]);
      // What the first round fetched of the segments lies in the browser's cache for the second.
      const media = distribution.answers.filter(({ path }) => !path.endsWith("poster.jpg"));
      expect(media.length).toBeGreaterThan(format === "dash" ? 4 : 1);
      expect(media.every(({ cookies }) => cookies)).toBe(true);
    }
    await page.screenshot({ path: join(tmpdir(), "sluice-cloudfront-play.png") });
    expect(complaints).toEqual([]);
    // Out of reach of scripts, and of the other video.
    expect(await page.evaluate(() => document.cookie)).toBe("");
    const reach = (prefix: string) =>
      page.evaluate(
        (url) =>
          fetch(url, { credentials: "include" }).then(
            ({ status }) => status,
            () => "refused",
          ),
        `${distribution.url}/${prefix}manifest.mpd`,
      );
    expect(await reach(other.prefix)).toBe("refused");
    const cookies = await context.cookies(`${distribution.url}/media/${id}/`);
    expect(cookies.filter(({ name }) => name.startsWith("CloudFront"))).toEqual([]);
    await context.close();
  }, 180_000);

  test("programs get the same as cookie values and as a query, and nothing without", async () => {
    const { id, prefix } = await addVideo(server);
    const [context, page] = await signedIn(server);
    const playback = await page.evaluate(
      async (video) => (await (await fetch(`/videos/${video}/playback`)).json()) as PlaybackBody,
      id,
    );
    const list = await page.evaluate(
      async () => (await (await fetch("/videos")).json()) as VideoPage,
    );
    await context.close();
    const at = (url: string, cookie?: string) =>
      fetch(url.replace(`media.${DOMAIN}`, "127.0.0.1"), { headers: cookie ? { cookie } : {} });
    expect((await at(playback.dashUrl)).status).toBe(403);
    const { cookies = {}, query = "" } = playback.credentials ?? {};
    const cookie = Object.entries(cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join("; ");
    const manifest = await at(playback.dashUrl, cookie);
    expect([manifest.status, manifest.headers.get("content-type")]).toEqual([
      200,
      "application/dash+xml",
    ]);
    const segment = playback.dashUrl.replace("manifest.mpd", "v/360/1.m4s");
    const answer = await at(`${segment}?${query}`);
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([
      200,
      "max-age=31536000, immutable",
    ]);
    const posters = list.items.flatMap(({ posterUrl }) => posterUrl ?? []);
    expect(posters.length).toBeGreaterThan(0);
    for (const poster of posters) {
      expect((await at(poster)).status).toBe(200);
      expect((await at(poster.replace("poster.jpg", "manifest.mpd"))).status).toBe(403);
    }
    expect((await at(`${distribution.url}/${prefix.replace(id, "other")}x?${query}`)).status).toBe(
      403,
    );
    // The api itself serves none of it.
    const direct = await fetch(
      `${server.url.replace(`video.${DOMAIN}`, "127.0.0.1")}/media/a/b/manifest.mpd`,
    );
    expect(direct.status).toBe(404);
  }, 120_000);
});
