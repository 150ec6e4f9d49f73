import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  NUMBER_SIZE,
  type NumberedVideo,
  numberedVideo,
  numberOf,
} from "../../fixtures/time-media.ts";
import { convert, joinTrack, packetsOf, run, scratch } from "./judge.ts";

type Shown = {
  readonly rate: number;
  /** Number of the source's picture at each picture made. */
  readonly numbers: readonly number[];
  readonly durationSeconds: number;
};

/** Which picture of the source each picture of the result is, by the system's decoder. */
const shown = async (source: string): Promise<Shown> => {
  await using folder = await scratch();
  const { frameRate, durationSeconds } = await convert(source, folder.path);
  if (frameRate === null) throw new Error("no pictures");
  const made = await joinTrack(join(folder.path, "v/360"), join(folder.path, "v.mp4"));
  const times = (await packetsOf(made, "v")).map(({ pts }) => pts).sort((a, b) => a - b);
  times.forEach((time, index) => {
    expect(Math.abs(time - index / frameRate)).toBeLessThan(0.001);
  });
  const [columns, rows] = NUMBER_SIZE;
  const { out } = await run([
    ..."/usr/bin/ffmpeg -v error -i".split(" "),
    made,
    ..."-fps_mode passthrough -f rawvideo -vf".split(" "),
    `scale=${columns}:${rows}:flags=area,format=gray`,
    "-",
  ]);
  const bytes = columns * rows;
  const numbers = Array.from({ length: out.length / bytes }, (_, index) =>
    numberOf(out.subarray(index * bytes, (index + 1) * bytes)),
  );
  expect(numbers.length).toBe(times.length);
  // The fixtures' muxer says 40 ms of every last picture.
  const last = numbers.indexOf(numbers.at(-1) ?? 0);
  return { rate: frameRate, numbers: numbers.slice(0, last + 1), durationSeconds };
};

const count = (length: number): number[] => Array.from({ length }, (_, index) => index);

const x264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -crf 18";
const pyramid =
  "-c:v libx264 -preset fast -pix_fmt yuv420p -crf 18 -g 40 -bf 3 -x264-params open-gop=1:b-pyramid=normal:b-adapt=0";

describe("a constant rate: every picture once and in order", () => {
  const cases: (NumberedVideo & { readonly rate: number })[] = [
    { name: "23.976.mkv", time: "N*1001/24000", rate: 24000 / 1001, count: 75 },
    { name: "24.mkv", time: 24, rate: 24, count: 75 },
    { name: "29.97.flv", time: "N*1001/30000", rate: 30000 / 1001, count: 75 },
    { name: "30.mkv", time: 30, rate: 30, count: 75 },
    { name: "50.ts", time: 50, rate: 50, count: 120 },
    { name: "59.94.mp4", time: "N*1001/60000", rate: 60000 / 1001, count: 120 },
    { name: "60.mkv", time: 60, rate: 60, count: 120 },
    { name: "28.7.mp4", time: 28.7, rate: 28.7, count: 75 },
    {
      name: "timebase-600.mp4",
      time: 30,
      rate: 30,
      count: 75,
      args: `${x264} -video_track_timescale 600`,
    },
    {
      name: "timebase-1000.mp4",
      time: 30,
      rate: 30,
      count: 75,
      args: `${x264} -video_track_timescale 1000`,
    },
    {
      name: "timebase-90k.mp4",
      time: "N*1001/30000",
      rate: 30000 / 1001,
      count: 75,
      args: `${x264} -video_track_timescale 90000`,
    },
    {
      name: "telecine-pace.mp4",
      time: "(floor(N/2)*5+mod(N\\,2)*3)*1001/60000",
      rate: 24000 / 1001,
      count: 96,
    },
    { name: "pyramid-open-gop.mp4", time: 25, rate: 25, count: 120, args: pyramid },
    { name: "pyramid-open-gop.ts", time: 25, rate: 25, count: 120, args: pyramid },
    {
      name: "b-pictures.mpg",
      time: 25,
      rate: 25,
      count: 75,
      args: "-c:v mpeg2video -q:v 2 -bf 2 -g 12",
    },
    { name: "one.mp4", time: 25, rate: 25, count: 1 },
    { name: "50ms.mp4", time: 40, rate: 40, count: 2 },
    {
      name: "half-a-picture-after-the-sound.mkv",
      time: "(N+0.45)/25",
      rate: 25,
      count: 75,
      beside: "-f lavfi -i sine=duration=3",
      args: `${x264} -c:a pcm_s16le`,
    },
  ];
  for (const { rate, ...video } of cases) {
    test(video.name, async () => {
      const result = await shown(await numberedVideo(video));
      expect(result.rate).toBeCloseTo(rate, 3);
      expect(result.numbers).toEqual(count(video.count));
    }, 60_000);
  }
});

test("an AVI, which states decoding times alone: B pictures put it off by one picture, and no more", async () => {
  const args = "-c:v mpeg4 -q:v 2 -bf 2";
  const { numbers } = await shown(
    await numberedVideo({ name: "b.avi", time: 25, count: 75, args }),
  );
  expect(numbers).toEqual([0, ...count(75)]);
}, 60_000);

describe("high rates: the same number of pictures left out between every two", () => {
  test.each([
    ["90.mkv", 90, 45, 2],
    ["100.mp4", 100, 50, 2],
    ["120.mkv", 120, 60, 2],
    ["240.mkv", 240, 60, 4],
    ["240.mp4", 240, 60, 4],
  ])(
    "%s",
    async (name, rate, expected, step) => {
      const result = await shown(await numberedVideo({ name, time: rate, count: rate * 2 }));
      expect(result.rate).toBe(expected);
      const steps = result.numbers
        .slice(1)
        .map((number, index) => number - (result.numbers[index] ?? 0));
      expect(new Set(steps.slice(0, -1))).toEqual(new Set([step]));
      expect(Math.abs(result.numbers.length - (rate * 2) / step)).toBeLessThanOrEqual(1);
    },
    60_000,
  );
});

describe("a varying rate: every picture within half a tick of its time", () => {
  const near = async (video: NumberedVideo, timeOf: (index: number) => number): Promise<Shown> => {
    const result = await shown(await numberedVideo(video));
    const first = new Map<number, number>();
    result.numbers.forEach((number, tick) => {
      if (!first.has(number)) first.set(number, tick);
    });
    expect([...first.keys()]).toEqual(count(video.count));
    for (const [number, tick] of first) {
      const off = tick / result.rate - timeOf(number);
      expect(Math.abs(off)).toBeLessThanOrEqual(0.5 / result.rate + CLOCK_SECONDS);
    }
    return result;
  };
  /** Files of the cases count milliseconds. */
  const CLOCK_SECONDS = 0.001;

  test("a screen recording: a second at 60, a pause of four, a second at 60", async () => {
    const timeOf = (index: number) => index / 60 + (index >= 60 ? 4 : 0);
    const result = await near(
      { name: "screen.mkv", time: "N/60+gte(N\\,60)*4", count: 120 },
      timeOf,
    );
    expect(result.rate).toBe(60);
    expect(result.numbers.length).toBe(6 * 60);
  }, 60_000);

  test("a phone: jitter, and pictures that are missing", async () => {
    const missing = (index: number) => Math.floor(index / 9);
    const timeOf = (index: number) => (index + missing(index)) / 30 + 0.003 * Math.sin(index * 7);
    const result = await near(
      { name: "phone.mp4", time: "(N+floor(N/9))/30+0.003*sin(N*7)+0.003", count: 90 },
      (index) => timeOf(index) + 0.003 - 0.003,
    );
    expect(result.rate).toBeCloseTo(30, 1);
  }, 60_000);

  test("timestamps that are repeated show the later picture", async () => {
    const args = "-c:v mjpeg -q:v 2 -pix_fmt yuvj420p -bsf:v setts=ts=floor(N/2)*80";
    const video = { name: "repeated.mkv", time: 25, count: 50, args };
    const { numbers } = await shown(await numberedVideo(video));
    const order = [...new Set(numbers)];
    expect(order).toEqual(count(25).map((index) => index * 2 + 1));
  }, 60_000);

  test("timestamps that go back do not bring back what was shown", async () => {
    // Every tenth picture claims to be three pictures older than it is.
    const back = "setts=pts=(N-3*eq(mod(N\\,10)\\,5))*3600:dts=N*3600";
    const args = `-c:v mpeg2video -g 1 -q:v 2 -pix_fmt yuv420p -bsf:v ${back}`;
    const { numbers, rate } = await shown(
      await numberedVideo({ name: "back.ts", time: 25, count: 50, args }),
    );
    expect(rate).toBe(25);
    expect(Math.abs(numbers.length - 50)).toBeLessThanOrEqual(1);
    expect(new Set(numbers).size).toBeGreaterThanOrEqual(44);
    const steady = numbers.filter((number) => number % 10 !== 5);
    expect(steady).toEqual(steady.toSorted((a, b) => a - b));
  }, 60_000);
});
