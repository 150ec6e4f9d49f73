/** The page in a real browser, served by the compiled api: from sign-up to the last second of the film. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser } from "../fixtures/browser.ts";
import { PASSWORD } from "./support/client.ts";
import { bytesOf, realClip, testClip } from "./support/clips.ts";
import { emptyFolder, eventually, type Platform, startPlatform } from "./support/platform.ts";

const EMAIL = "ada@example.org";
const MIB = 1024 ** 2;
/** A step that hangs fails with a picture of where; nothing here proves speed. */
const STEP_TIMEOUT_MS = 60_000;

let folder: Awaited<ReturnType<typeof emptyFolder>>;
let platform: Platform;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** The real clip, once it is on the page. */
let clipId = "";
/** Whatever the browser complained about: errors of scripts, refused requests, policy violations. */
const complaints: string[] = [];

beforeAll(async () => {
  folder = await emptyFolder();
  platform = await startPlatform({
    cwd: folder.path,
    env: { UPLOAD_PART_BYTES: String(5 * MIB) },
  });
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(STEP_TIMEOUT_MS);
  page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") {
      complaints.push(`${message.text()} ${message.location().url}`);
    }
  });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await platform?.stop();
  await folder?.dispose();
});

const readyCard = (title: string) =>
  page.locator('[data-testid="video-card"][data-status="ready"]').filter({ hasText: title });

const at = (id: string) => page.getByTestId(id);

test("a first visitor signs up, confirms with the code and is the administrator", async () => {
  await page.goto(`${platform.url}/signup`);
  await at("first-run").waitFor();
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await at("submit").click();
  await at("confirm-form").waitFor();
  await page.getByLabel("Six-digit code").fill(await platform.code(EMAIL));
  await at("submit").click();
  await at("empty-library").waitFor();
  const me = await page.evaluate(async () => await (await fetch("/auth/me")).json());
  expect(me).toMatchObject({ email: EMAIL, role: "admin" });
}, 120_000);

test("the tokens are out of reach of scripts", async () => {
  expect(await page.evaluate(() => document.cookie)).toBe("");
  const cookies = await context.cookies(`${platform.url}/auth`);
  const facts = cookies.map(({ name, httpOnly, sameSite, path }) => ({
    name,
    httpOnly,
    sameSite,
    path,
  }));
  expect(facts.sort((a, b) => a.name.localeCompare(b.name))).toEqual([
    { name: "access_token", httpOnly: true, sameSite: "Lax", path: "/" },
    { name: "refresh_token", httpOnly: true, sameSite: "Strict", path: "/auth" },
  ]);
});

test("an upload survives a reload in the middle and sends only what is missing", async () => {
  // Twelve parts; what stands behind an MP4's last box does not disturb it.
  const bytes = new Uint8Array(60 * MIB);
  bytes.set(await bytesOf(await testClip({ seconds: 2, height: 360 })));
  const file = `${folder.path}/interrupted film.mp4`;
  await Bun.write(file, bytes);
  const network = await context.newCDPSession(page);
  await network.send("Network.enable");
  const throttle = (bytesPerSecond: number) =>
    network.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 5,
      downloadThroughput: -1,
      uploadThroughput: bytesPerSecond,
    });
  await throttle(10 * MIB);
  await at("upload-input").setInputFiles(file);
  await eventually(
    "more than half of the upload",
    async () =>
      Number(/(\d+) %/.exec((await at("upload-status").textContent()) ?? "")?.[1] ?? 0) >= 60,
    STEP_TIMEOUT_MS / 1000,
  );
  page.once("dialog", (dialog) => void dialog.accept());
  await page.reload();
  await throttle(-1);
  const received = await page.evaluate(
    async () => (await (await fetch("/uploads")).json()).items[0].receivedBytes,
  );
  expect(received).toBeGreaterThanOrEqual(20 * MIB);

  let sentAgain = 0;
  page.on("request", (request) => {
    sentAgain += request.method() === "PUT" ? 1 : 0;
  });
  await at("upload-continue-input").setInputFiles(file);
  await readyCard("interrupted film").waitFor({ timeout: 120_000 });
  expect(sentAgain).toBe(12 - received / (5 * MIB));
}, 240_000);

test("the real clip is dropped on the page, converted with live progress, and appears with its poster", async () => {
  await at("upload-input").setInputFiles(realClip);
  const card = page.getByTestId("video-card").filter({ hasText: "bg" });
  await card.getByTestId("work-text").waitFor();
  await eventually(
    "the percentage to move",
    async () => Number(/(\d+) %/.exec((await card.textContent()) ?? "")?.[1] ?? 0) > 10,
    180,
  );
  await readyCard("bg").waitFor({ timeout: 300_000 });
  clipId = (await card.getAttribute("data-video-id")) ?? "";
  const poster = card.locator("img");
  await eventually(
    "the poster",
    async () => await poster.evaluate((image: HTMLImageElement) => image.naturalWidth > 0),
    30,
  );
}, 600_000);

/** What the player element on the watch page says of itself. */
const playerState = () =>
  page.locator("video").evaluate((video: HTMLVideoElement) => ({
    currentTime: video.currentTime,
    duration: video.duration,
    ended: video.ended,
    width: video.videoWidth,
    height: video.videoHeight,
    dropped: video.getVideoPlaybackQuality().droppedVideoFrames,
    error: video.error?.message ?? null,
  }));

test.each(["dash", "hls"])(
  "it plays to the last second in %s, every rung",
  async (format) => {
    const media: string[] = [];
    const onRequest = (request: { url(): string }) =>
      void media.push(new URL(request.url()).pathname);
    page.on("request", onRequest);
    await page.goto(`${platform.url}/watch/${clipId}?format=${format}`);
    const video = page.locator("video");
    await video.waitFor();
    await eventually("the first picture", async () => (await playerState()).width > 0, 60);
    await video.evaluate((element: HTMLVideoElement) => {
      element.muted = true;
      void element.play();
    });
    await eventually("playback to move", async () => (await playerState()).currentTime > 1, 60);
    // Each rung in turn through the menu that people use.
    for (const height of [360, 720, 1080]) {
      await chooseQuality(height);
      await eventually(
        `a picture of ${height} lines`,
        async () => {
          await keepPlaying();
          return (await playerState()).height === height;
        },
        60,
      );
    }
    await eventually(
      "the end of the film",
      async () => {
        return (await playerState()).ended;
      },
      90,
    );
    const state = await playerState();
    expect(state.error).toBeNull();
    expect(state.duration).toBeCloseTo(12.44, 1);
    expect(state.currentTime).toBeGreaterThan(state.duration - 0.2);
    expect(media.some((path) => path.endsWith(format === "dash" ? ".mpd" : "master.m3u8"))).toBe(
      true,
    );
    page.off("request", onRequest);
  },
  300_000,
);

/** Back to the start when the film ran out before the new rung was seen. */
const keepPlaying = () =>
  page.locator("video").evaluate((video: HTMLVideoElement) => {
    if (video.ended || video.currentTime > video.duration - 3) {
      video.currentTime = 0;
    }
    void video.play();
  });

/** Through the menu behind the gear, which stays where it was left or closes by itself. */
const chooseQuality = async (height: number): Promise<void> => {
  const choice = page.locator(".shaka-resolutions").getByText(`${height}p`, { exact: true });
  const resolution = page.locator(".shaka-overflow-menu .shaka-resolution-button");
  await eventually(
    `the choice of ${height}p in the player's menu`,
    async () => {
      await at("player").hover();
      if (!(await choice.isVisible())) {
        await ((await resolution.isVisible())
          ? resolution
          : page.locator(".shaka-overflow-menu-button")
        ).click();
        await page.waitForTimeout(200);
      }
      return await choice.isVisible();
    },
    60,
  );
  await choice.click();
};

test("its owner sees what was made of it, and how good each rendition is", async () => {
  await page.goto(`${platform.url}/watch/${clipId}`);
  const rows = page.getByTestId("rendition");
  await rows.first().waitFor();
  const texts = await rows.allInnerTexts();
  expect(texts.map((text) => text.split(/\s/)[0])).toEqual(["360p", "720p", "1080p"]);
  for (const text of texts) {
    expect(text).toMatch(/\d+ × \d+, 23\.98 fps\s+\d[\d.]* [kM]bit\/s\s+[\d.]+ MB/);
    // A hard clip at factors that are meant to look good; pictures that were not encoded have no figure.
    expect(text).toMatch(/(Looks the same|Very close)\s+9\d\.\d %|not measured/);
  }
  expect(texts[0]).toMatch(/9\d\.\d %/);
  expect(await at("warning").count()).toBe(0);
  expect(await at("sound").allInnerTexts()).toEqual([
    // The clip's sound is silence.
    expect.stringMatching(/^\s*stereo\s+too quiet or too short to measure\s*$/),
  ]);
}, 60_000);

test("what was worked around in a damaged file is told on its page, with a sign in the library", async () => {
  const bytes = await bytesOf(await testClip({ seconds: 2, height: 360 }));
  // Past the header and the first pictures: what is left still makes a film.
  for (let place = Math.floor(bytes.length / 2); place < bytes.length * 0.8; place += 997) {
    bytes[place] = (bytes[place] ?? 0) ^ 0x10;
  }
  const file = `${folder.path}/scratched film.mp4`;
  await Bun.write(file, bytes);
  await page.goto(platform.url);
  await at("upload-input").setInputFiles(file);
  const card = readyCard("scratched film");
  await card.waitFor({ timeout: 120_000 });
  expect(await card.getByTestId("warning-sign").textContent()).toMatch(/\d? ?warnings?/);
  await card.getByTestId("video-title").click();
  await at("details").waitFor();
  const warnings = await at("warning").allInnerTexts();
  expect(warnings.join("\n")).toMatch(/damaged.*\n?.*(frames|sound)_damaged/);
}, 240_000);

test("a stranger sees nothing of a private video and watches an unlisted one through its link", async () => {
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(`${platform.url}/watch/${clipId}`);
  await stranger.getByTestId("not-found").waitFor();

  await page.goto(`${platform.url}/watch/${clipId}`);
  await at("visibility-unlisted").click();
  const link = at("share-link");
  await link.waitFor();
  await stranger.goto(await link.inputValue());
  await stranger.locator('[data-testid="player"][data-state="ready"]').waitFor();
  expect(await stranger.getByTestId("delete-video").count()).toBe(0);
  await stranger.context().close();
}, 120_000);

test("an unusable file says why and offers no retry", async () => {
  const file = `${folder.path}/no film.mp4`;
  await Bun.write(file, "this is no video\n".repeat(100));
  await page.goto(platform.url);
  await at("upload-input").setInputFiles(file);
  const failure = page
    .locator('[data-testid="video-card"][data-status="failed"]')
    .getByTestId("video-failure");
  await failure.waitFor();
  expect(await failure.textContent()).toContain("not a video");
  expect(await failure.getByTestId("retry").count()).toBe(0);
}, 120_000);

test("a deleted video asks first and is gone from the library and the disk", async () => {
  await page.goto(`${platform.url}/watch/${clipId}`);
  await at("delete-video").click();
  await at("dialog-cancel").click();
  await at("delete-video").click();
  await at("dialog-confirm").click();
  await at("videos").waitFor();
  expect(await page.locator(`[data-video-id="${clipId}"]`).count()).toBe(0);
  await eventually(
    "its files to be gone",
    async () =>
      !(await readdir(`${platform.dataDir}/storage`, { recursive: true })).some((path) =>
        path.includes(clipId),
      ),
    30,
  );
}, 120_000);

test("nothing in the browser's console was an error", () => {
  // The first visit asks who is signed in, and the honest answer is 401.
  expect(complaints.filter((line) => !line.endsWith("/auth/me"))).toEqual([]);
});
