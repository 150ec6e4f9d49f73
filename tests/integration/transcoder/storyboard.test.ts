import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { VideoReader } from "../../../src/transcoder/ffmpeg/video-reader.ts";
import { planStoryboard } from "../../../src/transcoder/plan/storyboard-plan.ts";
import { Storyboard } from "../../../src/transcoder/render/storyboard.ts";
import { openSource } from "../../../src/transcoder/source.ts";
import { media } from "../../fixtures/media.ts";
import {
  blackStart,
  colourSeconds,
  fiftyMilliseconds,
  SECOND_COLOURS,
} from "../../fixtures/thumbnails-media.ts";
import { convert, filesBelow, run, scratch } from "./judge.ts";

/** Of 255, per channel: two lossy steps (x264, JPEG) and a conversion each way, on flat colours. */
const COLOUR_TOLERANCE = 8;

/** Half a second in whole pictures of 25 per second, in seconds. */
const INTERVAL = 13 / 25;

type Cue = {
  start: number;
  end: number;
  sheet: string;
  x: number;
  y: number;
  w: number;
  h: number;
};

/** Every cue of a WebVTT index of thumbnails. */
const readIndex = async (folder: string): Promise<Cue[]> => {
  const text = await Bun.file(join(folder, "t/thumbnails.vtt")).text();
  const cue = /(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g;
  return [...text.matchAll(cue)].map(([, start = "", end = "", sheet = "", ...place]) => {
    const [x = 0, y = 0, w = 0, h = 0] = place.map(Number);
    return { start: secondsOf(start), end: secondsOf(end), sheet, x, y, w, h };
  });
};

const secondsOf = (timestamp: string): number => {
  const [hours = 0, minutes = 0, seconds = 0] = timestamp.split(":").map(Number);
  return hours * 3600 + minutes * 60 + seconds;
};

/** Mean colour of the middle of a tile, decoded by the system's ffmpeg. */
const colourOf = async (folder: string, { sheet, x, y, w, h }: Cue): Promise<number[]> => {
  const middle = `crop=${w / 2}:${h / 2}:${x + w / 4}:${y + h / 4}:exact=1`;
  const { out } = await run([
    ...["/usr/bin/ffmpeg", "-v", "error", "-i", join(folder, "t", sheet)],
    ...["-vf", `format=rgb24,${middle},scale=1:1:flags=area`, "-f", "rawvideo", "-"],
  ]);
  return [...out];
};

const channels = (colour: number): number[] => [colour >> 16, (colour >> 8) & 255, colour & 255];

const expectColour = async (folder: string, cue: Cue, colour: number): Promise<void> => {
  const seen = await colourOf(folder, cue);
  channels(colour).forEach((wanted, channel) => {
    const off = Math.abs((seen[channel] ?? -1) - wanted);
    expect(`${cue.start}: ${off <= COLOUR_TOLERANCE ? "as wanted" : seen}`).toBe(
      `${cue.start}: as wanted`,
    );
  });
};

describe("thumbnails", () => {
  test.each([
    ["landscape", "640x360", [192, 108]],
    ["portrait", "360x640", [108, 192]],
  ] as const)(
    "%s: each tile shows the picture of its time",
    async (_, size, [width, height]) => {
      await using folder = await scratch();
      await convert(await colourSeconds(size), folder.path);
      const cues = await readIndex(folder.path);
      expect(cues).toHaveLength(24);
      expect(cues.at(-1)?.end).toBe(SECOND_COLOURS.length);
      for (const [index, cue] of cues.entries()) {
        expect([cue.start, cue.w, cue.h]).toEqual([
          expect.closeTo(index * INTERVAL, 3),
          width,
          height,
        ]);
        await expectColour(folder.path, cue, SECOND_COLOURS[Math.floor(cue.start)] ?? 0);
      }
      const mpd = await Bun.file(join(folder.path, "manifest.mpd")).text();
      expect(mpd).toContain(`width="${width * 5}" height="${height * 5}"`);
      expect(mpd).toContain('thumbnail_tile" value="5x5"');
    },
    120_000,
  );

  test("50 ms: one tile, the first picture, until the end", async () => {
    await using folder = await scratch();
    const { durationSeconds } = await convert(await fiftyMilliseconds(), folder.path);
    const [cue, ...others] = await readIndex(folder.path);
    expect(others).toEqual([]);
    expect(cue).toMatchObject({
      start: 0,
      end: expect.closeTo(durationSeconds, 3),
      sheet: "1.jpg",
      x: 0,
      y: 0,
    });
    if (cue !== undefined) await expectColour(folder.path, cue, SECOND_COLOURS[0]);
  }, 60_000);

  test("one picture: one tile of its size", async () => {
    await using folder = await scratch();
    await convert(await media("one-picture.mp4"), folder.path);
    expect(await readIndex(folder.path)).toHaveLength(1);
    const mpd = await Bun.file(join(folder.path, "manifest.mpd")).text();
    expect(mpd).toContain('id="thumbnails" width="192" height="108"');
  }, 60_000);

  test("the same source gives the same sheets", async () => {
    await using folder = await scratch();
    const [one, two] = [join(folder.path, "one"), join(folder.path, "two")];
    const source = await media("landscape.mp4");
    await convert(source, one);
    await convert(source, two);
    const sheets = (await filesBelow(one)).filter((name) => name.startsWith("t/"));
    expect(sheets).toEqual(["t/1.jpg", "t/thumbnails.vtt"]);
    for (const name of sheets) {
      const [a, b] = await Promise.all(
        [one, two].map((root) => Bun.file(join(root, name)).bytes()),
      );
      expect(a).toEqual(b ?? new Uint8Array());
    }
  }, 120_000);

  test("12 hours: 720 tiles, each sheet handed out as soon as it is full", async () => {
    const signal = new AbortController().signal;
    await using reader = await VideoReader.open(
      await openSource(await media("no-audio.mp4"), { signal }),
      0,
    );
    const rate = 30;
    const plan = planStoryboard(
      { width: 640, height: 360 },
      { expectedFrames: 12 * 3600 * rate, rate },
    );
    const sheets: { tiles: number; bytes: number }[] = [];
    const sink = {
      init: async () => {},
      segment: async () => {},
      poster: () => {},
      quality: () => {},
      sheet: async (number: number, tiles: number, { length }: Uint8Array) => {
        expect(number).toBe(sheets.length + 1);
        sheets.push({ tiles, bytes: length });
      },
    };
    using storyboard = new Storyboard(plan, sink, null);
    for await (const { frame } of reader.pictures()) {
      for (let tick = 0; tick < 12 * 3600 * rate; tick += rate) {
        await storyboard.show({ picture: frame, from: tick, to: tick + rate });
        const shown = Math.floor(tick / plan.intervalFrames) + 1;
        expect(sheets).toHaveLength(Math.floor(shown / 25));
      }
      frame.free();
      break;
    }
    await storyboard.end();
    expect(sheets).toHaveLength(Math.ceil(720 / 25));
    expect(sheets.reduce((sum, { tiles }) => sum + tiles, 0)).toBe(720);
    expect(sheets.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(6_000_000);
  }, 120_000);
});

describe("the poster", () => {
  test("is not the black that a film begins with", async () => {
    await using folder = await scratch();
    await convert(await blackStart(), folder.path);
    const { out } = await run([
      ...["/usr/bin/ffmpeg", "-v", "error", "-i", join(folder.path, "poster.jpg")],
      ..."-vf scale=1:1:flags=area,format=gray -f rawvideo -".split(" "),
    ]);
    expect(out[0] ?? 0).toBeGreaterThan(50);
  }, 60_000);
});
