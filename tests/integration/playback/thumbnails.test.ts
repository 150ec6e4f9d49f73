import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { transcode } from "../../../src/transcoder/transcode.ts";
import { launchBrowser } from "../../fixtures/browser.ts";
import { colourSeconds } from "../../fixtures/thumbnails-media.ts";
import { servePresentation } from "./presentation-server.ts";

/** Where a player would cut a thumbnail out of which picture. */
type Place = { readonly sheet: string; readonly x: number; readonly y: number };

let folder: string;
let server: ReturnType<typeof servePresentation>;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-thumbnails-"));
  const { signal } = new AbortController();
  const source = await colourSeconds("640x360");
  await transcode(source, join(folder, "out"), { signal, onEvent: () => {} });
  server = servePresentation(join(folder, "out"));
  browser = await launchBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Only the calls made below; the package's own types describe a module, not its global. */
type DashJs = {
  MediaPlayer(): {
    create(): {
      initialize(video: HTMLVideoElement, url: string, autoplay: boolean): void;
      on(name: string, listener: () => void): void;
      provideThumbnail(
        seconds: number,
        take: (thumbnail: { url: string; x: number; y: number } | null) => void,
      ): void;
    };
  };
};

/** Runs in the page: what dash.js makes of the thumbnails at these times. */
const askDashJs = async ({
  url,
  times,
}: {
  url: string;
  times: readonly number[];
}): Promise<(Place | null)[]> => {
  const video = document.querySelector("video");
  if (video === null) return [];
  const { dashjs } = globalThis as unknown as { dashjs: DashJs };
  const player = dashjs.MediaPlayer().create();
  await new Promise<void>((resolve) => {
    player.on("streamInitialized", resolve);
    player.initialize(video, url, false);
  });
  const ask = (seconds: number): Promise<Place | null> =>
    new Promise((resolve) => {
      player.provideThumbnail(seconds, (thumbnail) => {
        if (thumbnail === null) return resolve(null);
        const sheet = thumbnail.url.split("/").at(-1) ?? "";
        return resolve({ sheet, x: thumbnail.x, y: thumbnail.y });
      });
    });
  const places: (Place | null)[] = [];
  for (const seconds of times) places.push(await ask(seconds));
  return places;
};

test("dash.js cuts the same tiles out of the DASH set as the WebVTT index names", async () => {
  const text = await Bun.file(join(folder, "out/t/thumbnails.vtt")).text();
  const cue = /(\S+) --> \S+\n(\S+)#xywh=(\d+),(\d+)/g;
  const cues = [...text.matchAll(cue)].map(([, start = "", sheet = "", x, y]) => ({
    seconds: Number(start.split(":").at(-1)),
    place: { sheet, x: Number(x), y: Number(y) },
  }));
  expect(cues).toHaveLength(24);
  const page = await browser.newPage();
  await page.goto(`${server.url}/page/`);
  await page.addScriptTag({ url: `${server.url}/script/dashjs/dist/modern/umd/dash.all.min.js` });
  const places = await page.evaluate(askDashJs, {
    url: `${server.url}/media/manifest.mpd`,
    // A little into each tile, where rounding decides nothing; the last one lasts for one picture.
    times: cues.map(({ seconds }) => seconds + 0.02),
  });
  expect(places).toEqual(cues.map(({ place }) => place));
  await page.close();
}, 60_000);
