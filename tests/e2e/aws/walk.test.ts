/**
 * The walk on AWS, by the compiled executables and in a real browser: an account at Cognito, a
 * multipart upload from the page to S3, the bucket's event through SQS to the consumer, a task with
 * nothing but its own environment, the media bucket, the callback, and playback in the page.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser } from "../../fixtures/browser.ts";
import { PASSWORD } from "../support/client.ts";
import { bytesOf, testClip } from "../support/clips.ts";
import { eventually } from "../support/platform.ts";
import { ANY_CODE, type AwsPlatform, startAwsPlatform } from "./aws-platform.ts";

const EMAIL = "ada@example.org";
const MIB = 1024 ** 2;
const STEP_TIMEOUT_MS = 60_000;
/** Three parts of the least size; what stands behind an MP4's last box does not disturb it. */
const UPLOAD_BYTES = 12 * MIB;
const CLIP_SECONDS = 6;

let platform: AwsPlatform;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let file = "";
const complaints: string[] = [];

beforeAll(async () => {
  platform = await startAwsPlatform({ UPLOAD_PART_BYTES: String(5 * MIB) });
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
  const bytes = new Uint8Array(UPLOAD_BYTES);
  bytes.set(await bytesOf(await testClip({ seconds: CLIP_SECONDS, height: 360 })));
  file = `${platform.api().dataDir}/../holiday.mp4`;
  await Bun.write(file, bytes);
}, 600_000);
afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

const at = (id: string) => page.getByTestId(id);

test("somebody signs up at Cognito and is signed in", async () => {
  await page.goto(`${platform.api().url}/signup`);
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await at("submit").click();
  await at("confirm-form").waitFor();
  await page.getByLabel("Six-digit code").fill(ANY_CODE);
  await at("submit").click();
  await at("empty-library").waitFor();
  const me = await page.evaluate(async () => await (await fetch("/auth/me")).json());
  expect(me).toMatchObject({ email: EMAIL, name: "Ada Lovelace" });
  expect(await page.evaluate(() => document.cookie)).toBe("");
}, 120_000);

test("the page sends a file to S3, also when an address has expired, and a task converts it", async () => {
  const puts: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "PUT") puts.push(new URL(request.url()).origin);
  });
  let refused = 0;
  // The first part meets an address that is too old; S3 says so in these words.
  await page.route(
    (url) => url.searchParams.has("X-Amz-Signature") && url.searchParams.get("partNumber") === "1",
    async (route) => {
      if (route.request().method() !== "PUT" || refused > 0) return await route.continue();
      refused += 1;
      await route.fulfill({
        status: 403,
        headers: {
          "access-control-allow-origin": platform.api().url,
          "access-control-expose-headers": "ETag, Retry-After",
          "content-type": "application/xml",
        },
        body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>21600</X-Amz-Expires></Error>',
      });
    },
  );
  await at("upload-input").setInputFiles(file);
  const card = page
    .locator('[data-testid="video-card"][data-status="ready"]')
    .filter({ hasText: "holiday" });
  await card.waitFor({ timeout: 240_000 });
  expect(refused).toBe(1);
  expect(puts.length).toBe(4);
  expect(new Set(puts)).toEqual(new Set([platform.account.settings.S3_ENDPOINT ?? ""]));
  expect(platform.account.ecs.started()).toBe(1);
  const poster = card.locator("img");
  await eventually(
    "the poster",
    () => poster.evaluate((image: HTMLImageElement) => image.naturalWidth > 0),
    30,
  );
  await card.getByTestId("video-title").click();
}, 300_000);

test("it plays to its end in the page, from the media bucket", async () => {
  const video = page.locator("video");
  await video.waitFor();
  await eventually(
    "the first picture",
    () => video.evaluate((element: HTMLVideoElement) => element.videoWidth > 0),
    60,
  );
  await video.evaluate((element: HTMLVideoElement) => {
    element.muted = true;
    void element.play();
  });
  await eventually(
    "the end of the film",
    () => video.evaluate((element: HTMLVideoElement) => element.ended),
    90,
  );
  const state = await video.evaluate((element: HTMLVideoElement) => ({
    duration: element.duration,
    currentTime: element.currentTime,
    width: element.videoWidth,
    pictures: element.getVideoPlaybackQuality().totalVideoFrames,
  }));
  expect(state.duration).toBeCloseTo(CLIP_SECONDS, 1);
  expect(state.currentTime).toBeGreaterThan(CLIP_SECONDS - 0.2);
  expect(state.width).toBe(640);
  expect(state.pictures).toBeGreaterThan(100);
  const made = await platform.account.objects("media");
  const names = made.map(({ key }) => key.split("/").slice(3).join("/"));
  expect(names).toContain("manifest.mpd");
  expect(names).toContain("v/360/1.m4s");
}, 120_000);

test("nothing was complained about, and the queue is empty", async () => {
  // The browser reports the answer that was made up above, and that nobody was signed in at first.
  const expected = (line: string) => line.includes("403") || line.endsWith("/auth/me");
  expect(complaints.filter((line) => !expected(line))).toEqual([]);
  await eventually("an empty queue", async () => (await platform.account.waiting()) === 0, 60);
  expect(await platform.account.dead()).toBe(0);
}, 90_000);
