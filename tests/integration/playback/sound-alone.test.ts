import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { transcode } from "../../../src/transcoder/transcode.ts";
import { launchBrowser } from "../../fixtures/browser.ts";
import { soundMedia } from "../../fixtures/sound-media.ts";
import { type PlayerName, players } from "./players.ts";
import { servePresentation } from "./presentation-server.ts";

const SECONDS = 9;

/** A frame or two of AAC at the ends. */
const END_TOLERANCE_SECONDS = 0.1;

let folder: string;
let server: ReturnType<typeof servePresentation>;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-playback-"));
  const { signal } = new AbortController();
  await transcode(await soundMedia("tone-9s.mp3"), join(folder, "out"), {
    signal,
    onEvent: () => {},
  });
  server = servePresentation(join(folder, "out"));
  browser = await launchBrowser();
}, 120_000);

afterAll(async () => {
  await browser.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs in the page: plays from `seconds` to the end. */
const playToEnd = (
  seconds: number,
): Promise<{ endedAt: number; duration: number; audioBytes: number }> => {
  const video = document.querySelector("video") as HTMLVideoElement & {
    webkitAudioDecodedByteCount: number;
  };
  const before = video.webkitAudioDecodedByteCount;
  return new Promise((resolve, reject) => {
    video.onerror = () => reject(new Error(video.error?.message));
    video.onended = () =>
      resolve({
        endedAt: video.currentTime,
        duration: video.duration,
        audioBytes: video.webkitAudioDecodedByteCount - before,
      });
    video.currentTime = seconds;
    video.playbackRate = 4;
    video.play().catch(reject);
  });
};

test.each(Object.keys(players) as PlayerName[])(
  "%s plays sound alone to the end, and again after a seek",
  async (name) => {
    const { script, manifest, load } = players[name];
    const page = await browser.newPage();
    const failures: string[] = [];
    page.on("pageerror", (error) => failures.push(error.message));
    await page.goto(`${server.url}/page/`);
    await page.addScriptTag({ url: `${server.url}/script/${script}` });
    const url = JSON.stringify(`${server.url}/media/${manifest}`);
    await page.evaluate(`(${load})(document.querySelector("video"), ${url}, null)`);
    for (const seconds of [0, SECONDS - 1]) {
      const played = await page.evaluate(playToEnd, seconds);
      expect(Math.abs(played.duration - SECONDS)).toBeLessThan(END_TOLERANCE_SECONDS);
      expect(Math.abs(played.endedAt - SECONDS)).toBeLessThan(END_TOLERANCE_SECONDS);
      expect(played.audioBytes).toBeGreaterThan(0);
    }
    expect(failures).toEqual([]);
    await page.close();
    expect(server.takeRequests().filter(({ status }) => status !== 200)).toEqual([]);
  },
  60_000,
);
