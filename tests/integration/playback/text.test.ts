import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../../fixtures/browser.ts";
import { longCues, severalTracks } from "../../fixtures/text-media.ts";
import { convert, scratch } from "../transcoder/judge.ts";
import { servePresentation } from "./presentation-server.ts";
import { type TextPlayerName, textPlayers } from "./text-players.ts";

let folder: Awaited<ReturnType<typeof scratch>>;
let server: ReturnType<typeof servePresentation>;
let browser: Browser;

beforeAll(async () => {
  folder = await scratch();
  await convert(await severalTracks(), folder.path);
  server = servePresentation(folder.path);
  browser = await launchBrowser();
}, 120_000);

afterAll(async () => {
  await browser.close();
  await server.stop();
  await folder[Symbol.asyncDispose]();
});

/** Runs in the page: goes to `seconds` and waits until the text shown is `expected`; says what is shown in the end. */
const shownAt = async ({
  seconds,
  expected,
}: {
  seconds: number;
  expected: string;
}): Promise<string> => {
  const video = document.querySelector("video") as HTMLVideoElement;
  const shown = () =>
    [...video.textTracks]
      .filter(({ mode }) => mode === "showing")
      .flatMap(({ activeCues }) => [...(activeCues ?? [])])
      .map((cue) => (cue as VTTCue).text)
      .join("|");
  while (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await new Promise<void>((resolve) => {
    video.addEventListener("seeked", () => resolve(), { once: true });
    video.currentTime = seconds;
  });
  for (let tries = 0; tries < 50 && shown() !== expected; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return shown();
};

/** How far inside or outside of a cue the player is looked at: less than two pictures. */
const MARGIN_SECONDS = 0.06;

const openPlayer = async (name: TextPlayerName, language: string): Promise<Page> => {
  const { script, manifest, load } = textPlayers[name];
  const page = await browser.newPage();
  await page.goto(`${server.url}/page/`);
  await page.addScriptTag({ url: `${server.url}/script/${script}` });
  const arguments_ = [`${server.url}/media/${manifest}`, language].map((each) =>
    JSON.stringify(each),
  );
  await page.evaluate(`(${load})(document.querySelector("video"), ${arguments_})`);
  return page;
};

describe.each(Object.keys(textPlayers) as TextPlayerName[])("%s", (name) => {
  test("shows each cue of the chosen language at its time, and only then", async () => {
    const page = await openPlayer(name, "en");
    const failures: string[] = [];
    page.on("pageerror", (error) => failures.push(error.message));
    try {
      for (const [index, { startSeconds, endSeconds }] of longCues.entries()) {
        const text = `[door] Good day ${index + 1}`;
        const looks: [number, string][] = [
          [startSeconds + MARGIN_SECONDS, text],
          [startSeconds - MARGIN_SECONDS, ""],
          [endSeconds - MARGIN_SECONDS, text],
          [endSeconds + MARGIN_SECONDS, ""],
        ];
        for (const [seconds, expected] of looks) {
          expect([seconds, await page.evaluate(shownAt, { seconds, expected })]).toEqual([
            seconds,
            expected,
          ]);
        }
      }
      expect(failures).toEqual([]);
    } finally {
      await page.close();
    }
    const requests = server.takeRequests();
    expect(requests.filter(({ status }) => status !== 200)).toEqual([]);
    expect(requests.map(({ path }) => path)).toContain("s/en/text.vtt");
  }, 60_000);
});
