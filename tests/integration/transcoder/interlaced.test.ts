import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { BARS, barsVideo, joined } from "../../fixtures/time-media.ts";
import { convert, joinTrack, run, scratch } from "./judge.ts";

type Pictures = { readonly rate: number; readonly pictures: readonly Uint8Array[] };

const [WIDTH, HEIGHT] = BARS.size;

/** Grey pictures of a file in its own size, by the system's decoder without its own deinterlacing. */
const greys = async (path: string): Promise<Uint8Array[]> => {
  const { out } = await run([
    ..."/usr/bin/ffmpeg -v error -i".split(" "),
    path,
    ..."-fps_mode passthrough -f rawvideo -pix_fmt gray -".split(" "),
  ]);
  const bytes = WIDTH * HEIGHT;
  return Array.from({ length: out.length / bytes }, (_, index) =>
    out.subarray(index * bytes, (index + 1) * bytes),
  );
};

const made = async (source: string): Promise<Pictures> => {
  await using folder = await scratch();
  const { frameRate } = await convert(source, folder.path);
  const path = await joinTrack(join(folder.path, "v/360"), join(folder.path, "v.mp4"));
  return { rate: frameRate ?? 0, pictures: await greys(path) };
};

/** A pixel that differs from both neighbours above and below, in the same direction, by more than coding does. */
const COMB_GREY = 30;

/** Part of the pixels that are combed. The bars have no vertical detail, so a right picture has none. */
const combed = (picture: Uint8Array): number => {
  let count = 0;
  for (let y = 1; y < HEIGHT - 1; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      const at = y * WIDTH + x;
      const own = picture[at] ?? 0;
      const above = own - (picture[at - WIDTH] ?? 0);
      const below = own - (picture[at + WIDTH] ?? 0);
      if (
        Math.sign(above) === Math.sign(below) &&
        Math.min(Math.abs(above), Math.abs(below)) > COMB_GREY
      )
        count += 1;
    }
  }
  return count / (WIDTH * HEIGHT);
};

/** Interlaced pictures of the bars have a tenth of their pixels combed. */
const MOST_COMBED = 0.002;
const LEAST_COMBED_IN_SOURCE = 0.05;

/** Where the bars stand in the middle line: the first edge from dark to bright, as a part of their distance. */
const place = (picture: Uint8Array): number => {
  const line = Math.floor(HEIGHT / 2) * WIDTH;
  const period = BARS.width * 2;
  let [cosine, sine] = [0, 0];
  for (let x = 0; x < period * Math.floor(WIDTH / period); x += 1) {
    cosine += (picture[line + x] ?? 0) * Math.cos((2 * Math.PI * x) / period);
    sine += (picture[line + x] ?? 0) * Math.sin((2 * Math.PI * x) / period);
  }
  return Math.atan2(sine, cosine) / (2 * Math.PI);
};

/** Steps of the bars from picture to picture, in steps of the original's 50 per second. */
const steps = (pictures: readonly Uint8Array[]): number[] =>
  pictures.slice(1).map((picture, index) => {
    const before = pictures[index];
    if (before === undefined) return 0;
    const turn = place(before) - place(picture);
    return ((turn - Math.floor(turn)) * BARS.width * 2) / BARS.step;
  });

/** Deinterlacing finds a bar's edge within half a pixel of six; a wrong field order goes three steps forward and one back. */
const STEP_TOLERANCE = 0.25;

/** The filter has no neighbour beyond the ends. */
const ENDS = 2;

const mpeg2 = (top: 0 | 1) => `-c:v mpeg2video -q:v 2 -g 12 -bf 2 -flags +ildct+ilme -top ${top}`;
const mbaff = (order: "tff" | "bff") =>
  `-c:v libx264 -preset fast -crf 14 -flags +ildct+ilme -x264opts ${order}=1`;
const fields = (scan: "tff" | "bff") => `interlace=scan=${scan}:lowpass=0,setfield=${scan}`;

describe("interlaced pictures become one picture per field, uncombed and in order", () => {
  const cases: [string, string, string][] = [
    ["mpeg2-top-first.ts", fields("tff"), mpeg2(1)],
    ["mpeg2-bottom-first.ts", fields("bff"), mpeg2(0)],
    ["mpeg2-top-first.mpg", fields("tff"), mpeg2(1)],
    ["h264-mbaff-top-first.mp4", fields("tff"), mbaff("tff")],
    ["h264-mbaff-bottom-first.ts", fields("bff"), mbaff("bff")],
    ["mpeg4-interlaced.avi", fields("tff"), "-c:v mpeg4 -q:v 2 -flags +ildct+ilme -top 1"],
    ["prores-interlaced.mov", fields("tff"), "-c:v prores_ks -flags +ildct -top 1"],
  ];
  test.each(cases)(
    "%s",
    async (name, filters, args) => {
      const source = await barsVideo(name, filters, args);
      const combedSource = (await greys(source)).map(combed);
      expect(Math.min(...combedSource.slice(ENDS, -ENDS))).toBeGreaterThan(LEAST_COMBED_IN_SOURCE);
      const { rate, pictures } = await made(source);
      expect(rate).toBe(50);
      expect(Math.abs(pictures.length - 100)).toBeLessThanOrEqual(ENDS);
      expect(Math.max(...pictures.map(combed))).toBeLessThan(MOST_COMBED);
      for (const step of steps(pictures.slice(ENDS, 94))) {
        expect(Math.abs(step - 1)).toBeLessThan(STEP_TOLERANCE);
      }
    },
    60_000,
  );
});

describe("interlaced pictures beyond the first", () => {
  const progressive = "framestep=2";
  const at = (seconds: number) =>
    `-muxdelay 0 -muxpreload 0 -output_ts_offset ${seconds} -f mpegts`;

  test("a stream that turns interlaced after two seconds is not combed", async () => {
    const source = await joined("progressive-then-interlaced.ts", [
      await barsVideo(
        "part-a.ts",
        progressive,
        `${mpeg2(1).replace("+ildct+ilme", "-ildct-ilme")} ${at(10)}`,
      ),
      await barsVideo("part-b.ts", fields("tff"), `${mpeg2(1)} ${at(12)}`),
    ]);
    const { rate, pictures } = await made(source);
    expect(rate).toBe(25);
    expect(Math.abs(pictures.length - 100)).toBeLessThanOrEqual(2);
    expect(Math.max(...pictures.map(combed))).toBeLessThan(MOST_COMBED);
  }, 60_000);

  test("a short progressive beginning does not halve the motion of the rest", async () => {
    const source = await joined("title-then-interlaced.ts", [
      await barsVideo(
        "part-title.ts",
        "trim=end_frame=10,framestep=2",
        `${mpeg2(1).replace("+ildct+ilme", "-ildct-ilme")} ${at(10)}`,
      ),
      await barsVideo("part-c.ts", fields("tff"), `${mpeg2(1)} ${at(10.2)}`),
    ]);
    const { rate, pictures } = await made(source);
    expect(rate).toBe(50);
    expect(Math.max(...pictures.map(combed))).toBeLessThan(MOST_COMBED);
  }, 60_000);
});
