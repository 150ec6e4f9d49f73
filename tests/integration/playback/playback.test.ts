import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../../fixtures/browser.ts";
import { type PlayerName, players } from "./players.ts";
import { servePresentation } from "./presentation-server.ts";
import {
  makePresentation,
  type PresentationName,
  rungsToPlay,
  type TestPresentation,
} from "./test-presentation.ts";

/** Faster than real time to save some, slow enough to decode 1080p without a GPU. */
const PLAYBACK_RATE = 2;

/** Where the second run starts: in the last segment, away from its first picture. */
const SEEK_FROM_END_SECONDS = 0.6;

/** Players end at the last picture they have, the tracks' ends lie up to a frame of AAC apart. */
const END_TOLERANCE_SECONDS = 0.1;

/** A headless machine under load may skip pictures; a rung that does not decode shows none. */
const LEAST_SHOWN = 0.5;

type Served = TestPresentation & { readonly server: ReturnType<typeof servePresentation> };

let served: Record<PresentationName, Served>;
let browser: Browser;

beforeAll(async () => {
  const serve = async (name: PresentationName): Promise<Served> => {
    const presentation = await makePresentation(name);
    return { ...presentation, server: servePresentation(presentation.folder) };
  };
  served = { encoded: await serve("encoded"), copied: await serve("copied") };
  browser = await launchBrowser();
}, 120_000);

afterAll(async () => {
  await browser.close();
  for (const { server, remove } of Object.values(served)) {
    await server.stop();
    await remove();
  }
});

/** What the page's video element says after it has played to the end. */
type Played = {
  endedAt: number;
  duration: number;
  height: number;
  pictures: number;
  audioBytes: number;
};

/** Runs in the page: plays from `seconds` to the end. */
const playToEnd = ({ seconds, rate }: { seconds: number; rate: number }): Promise<Played> => {
  const video = document.querySelector("video") as HTMLVideoElement & {
    webkitAudioDecodedByteCount: number;
  };
  const before = video.getVideoPlaybackQuality().totalVideoFrames;
  const audioBefore = video.webkitAudioDecodedByteCount;
  return new Promise((resolve, reject) => {
    video.onerror = () => reject(new Error(video.error?.message));
    video.onended = () =>
      resolve({
        endedAt: video.currentTime,
        duration: video.duration,
        height: video.videoHeight,
        pictures: video.getVideoPlaybackQuality().totalVideoFrames - before,
        audioBytes: video.webkitAudioDecodedByteCount - audioBefore,
      });
    video.currentTime = seconds;
    video.playbackRate = rate;
    video.play().catch(reject);
  });
};

const openPlayer = async (name: PlayerName, { server }: Served, height: number): Promise<Page> => {
  const { script, manifest, load } = players[name];
  const page = await browser.newPage();
  await page.goto(`${server.url}/page/`);
  await page.addScriptTag({ url: `${server.url}/script/${script}` });
  const url = JSON.stringify(`${server.url}/media/${manifest}`);
  await page.evaluate(`(${load})(document.querySelector("video"), ${url}, ${height})`);
  return page;
};

describe.each(Object.keys(players) as PlayerName[])("%s", (name) => {
  test.each(rungsToPlay)(
    "plays what was %s, the rung of %i lines, to the end, and again after a seek",
    async (which, height) => {
      const presentation = served[which];
      const { server } = presentation;
      server.takeRequests();
      const page = await openPlayer(name, presentation, height);
      const failures: string[] = [];
      page.on("pageerror", (error) => failures.push(error.message));
      try {
        const { durationSeconds, framesPerSecond } = presentation;
        for (const seconds of [0, durationSeconds - SEEK_FROM_END_SECONDS]) {
          const played = await page.evaluate(playToEnd, { seconds, rate: PLAYBACK_RATE });
          expect(played.height).toBe(height);
          expect(Math.abs(played.duration - durationSeconds)).toBeLessThan(END_TOLERANCE_SECONDS);
          expect(Math.abs(played.endedAt - durationSeconds)).toBeLessThan(END_TOLERANCE_SECONDS);
          const pictures = (durationSeconds - seconds) * framesPerSecond;
          expect(played.pictures).toBeGreaterThan(pictures * LEAST_SHOWN);
          expect(played.audioBytes).toBeGreaterThan(0);
        }
        expect(failures).toEqual([]);
      } finally {
        await page.close();
      }
      const requests = server.takeRequests();
      expect(requests.filter(({ status }) => status !== 200)).toEqual([]);
      const asked = new Set(requests.map(({ path }) => path));
      for (const path of presentation.mediaPaths(height)) expect(asked).toContain(path);
    },
    60_000,
  );
});
