/** Searching in the page's player: the picture over the seek bar is the one of that time, in DASH and HLS. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../fixtures/browser.ts";
import { colourSeconds, SECOND_COLOURS } from "../fixtures/thumbnails-media.ts";
import { signedInClient, upload } from "./support/client.ts";
import { bytesOf } from "./support/clips.ts";
import { emptyFolder, eventually, type Platform, startPlatform } from "./support/platform.ts";

/** Of 255, per channel: x264, JPEG and the browser's own conversion and scaling, on flat colours. */
const COLOUR_TOLERANCE = 16;

/** Seconds of the film that are hovered over: both ends, and some between. */
const HOVERED = [0, 3, 7, 11] as const;

/** The fixture's tiles are half a second apart, in whole pictures of 25 per second. */
const INTERVAL_SECONDS = 13 / 25;

/** Colour of the tile that covers this time: its picture is from the tile's beginning. */
const colourAt = (seconds: number): number => {
  const tileSeconds = Math.floor(seconds / INTERVAL_SECONDS) * INTERVAL_SECONDS;
  return SECOND_COLOURS[Math.floor(tileSeconds)] ?? 0;
};

let folder: Awaited<ReturnType<typeof emptyFolder>>;
let platform: Platform;
let browser: Browser;
/** Ids of the films, by the shape of their pictures. */
const films = new Map<string, string>();

beforeAll(async () => {
  folder = await emptyFolder();
  platform = await startPlatform({ cwd: folder.path });
  browser = await launchBrowser();
  const ada = await signedInClient(platform, "ada@example.org");
  for (const [shape, size] of [
    ["landscape", "640x360"],
    ["portrait", "360x640"],
  ] as const) {
    const bytes = await bytesOf(await colourSeconds(size));
    const { videoId } = await upload(ada, { name: `${shape}.mp4`, bytes });
    await eventually(
      `${shape} to be ready`,
      async () => (await ada.request("GET", `/videos/${videoId}`)).body.status === "ready",
      120,
    );
    await ada.request("PATCH", `/videos/${videoId}`, { visibility: "unlisted" });
    films.set(shape, videoId);
  }
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await platform?.stop();
  await folder?.dispose();
});

/** Moves the pointer over the place of this second on the seek bar, which has steps of a second. */
const hover = async (page: Page, seconds: number): Promise<void> => {
  await page.getByTestId("player").hover();
  const bar = await page.locator(".shaka-seek-bar-container").boundingBox();
  if (bar === null) throw new Error("the player has no seek bar");
  const x = bar.x + (bar.width * seconds) / SECOND_COLOURS.length;
  await page.mouse.move(x, bar.y + bar.height / 2, { steps: 3 });
};

/** Mean colour of the middle of what the browser shows of the thumbnail. */
const shownColour = async (page: Page): Promise<number[]> => {
  const box = await page.locator(".shaka-player-ui-thumbnail-image-container").boundingBox();
  if (box === null) return [];
  const png = await page.screenshot({
    clip: {
      x: box.x + box.width / 3,
      y: box.y + box.height / 3,
      width: box.width / 3,
      height: box.height / 3,
    },
  });
  const file = join(folder.path, "thumbnail.png");
  await Bun.write(file, png);
  const ffmpeg = Bun.spawn([
    ...["ffmpeg", "-v", "error", "-i", file],
    ...["-vf", "format=rgb24,scale=1:1:flags=area", "-f", "rawvideo", "-"],
  ]);
  return [...new Uint8Array(await new Response(ffmpeg.stdout).arrayBuffer())];
};

const channels = (colour: number): number[] => [colour >> 16, (colour >> 8) & 255, colour & 255];

const isColour = (seen: number[], colour: number): boolean =>
  channels(colour).every(
    (wanted, channel) => Math.abs((seen[channel] ?? -99) - wanted) <= COLOUR_TOLERANCE,
  );

test.each([
  ["dash", "landscape"],
  ["hls", "landscape"],
  ["dash", "portrait"],
  ["hls", "portrait"],
])(
  "hovering over the seek bar shows the picture of that time: %s, %s",
  async (format, shape) => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    await page.goto(`${platform.url}/watch/${films.get(shape)}?format=${format}`);
    await page.locator(`[data-testid="player"][data-format="${format}"]`).waitFor();
    for (const seconds of HOVERED) {
      await eventually(
        `the colour of second ${seconds} over the seek bar`,
        async () => {
          await hover(page, seconds);
          await page.waitForTimeout(100);
          return isColour(await shownColour(page), colourAt(seconds));
        },
        30,
      );
    }
    const picture = page.locator(".shaka-player-ui-thumbnail-image-container");
    const box = await picture.boundingBox();
    expect((box?.width ?? 0) > (box?.height ?? 0)).toBe(shape === "landscape");
    if (process.env.SCREENSHOTS !== undefined) {
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/scrub-${format}-${shape}.png` });
    }
    // Nobody is signed in here, and the page asks who is: the honest answer is 401.
    expect(complaints.filter((line) => !line.includes("401"))).toEqual([]);
    await page.close();
  },
  180_000,
);
