import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type MediaFixture, media, rotated } from "../../fixtures/media.ts";
import { convert, countDecoded, joinTrack, packetsOf, run, scratch, ssim } from "./judge.ts";

/** A second encode of drawn pictures keeps at least this much; a wrong matrix, range or turn falls far below. */
const LEAST_SSIM = 0.93;

type Expected = {
  readonly size: readonly [number, number];
  readonly rate: number;
  readonly pictures: number;
  readonly hasAudio: boolean;
};

const silent = { hasAudio: false };
const landscape = { size: [640, 360], rate: 30, pictures: 60, hasAudio: true } as const;
const at25 = { ...landscape, rate: 25, pictures: 50 } as const;

const ordinary: readonly [MediaFixture, Expected][] = [
  ["landscape.mp4", landscape],
  ["hevc.mp4", landscape],
  ["vp8-vorbis.webm", landscape],
  ["vp9-opus.webm", landscape],
  ["av1.mkv", { ...landscape, ...silent }],
  ["mpeg4-mp3.avi", at25],
  ["mpeg2.ts", at25],
  ["prores.mov", { ...at25, ...silent }],
  ["ten-bit.mkv", { ...at25, ...silent }],
  ["full-range.mp4", { ...at25, ...silent }],
  ["interlaced.mp4", { ...at25, ...silent, rate: 50, pictures: 100 }],
  ["portrait.mp4", { ...landscape, size: [360, 640], ...silent }],
  ["odd-size.mp4", { ...at25, size: [420, 236], ...silent }],
  ["below-ladder.mp4", { ...at25, size: [256, 144], ...silent }],
  ["between-rungs.mp4", { ...at25, ...silent }],
  ["anamorphic.mp4", { ...at25, ...silent }],
  ["one-picture.mp4", { size: [320, 180], rate: 25, pictures: 1, ...silent }],
  ["mono.mp4", { ...landscape, size: [320, 180] }],
  ["surround.mp4", { ...landscape, size: [320, 180] }],
];

describe("ordinary sources become H.264 and AAC", () => {
  for (const [name, { size, rate, pictures, hasAudio }] of ordinary) {
    test(name, async () => {
      await using folder = await scratch();
      const out = join(folder.path, "out");
      const source = await media(name);
      const result = await convert(source, out);
      expect([result.width, result.height]).toEqual([...size]);
      expect(result.frameRate).toBe(rate);
      expect(result.hasAudio).toBe(hasAudio);
      expect(result.warnings).toEqual([]);
      const made = await joinTrack(join(out, "v/360"), join(folder.path, "v.mp4"));
      expect(Math.abs((await countDecoded(made)) - pictures)).toBeLessThanOrEqual(1);
      expect(await streamOf(made)).toMatchObject({
        codec_name: "h264",
        profile: "High",
        pix_fmt: "yuv420p",
        width: size[0],
        height: size[1],
        sample_aspect_ratio: "1:1",
        color_space: "bt709",
        color_range: "tv",
      });
      if (!MATRIX_DIFFERS.has(name))
        expect(await ssim(made, source, rate)).toBeGreaterThan(LEAST_SSIM);
    }, 180_000);
  }
});

/** Sources whose luma the judge's own scaler would have to convert before it could compare. */
const MATRIX_DIFFERS = new Set<MediaFixture>(["full-range.mp4"]);

describe("the picture stands upright", () => {
  test.each([
    [90, [360, 640]],
    [180, [640, 360]],
    [270, [360, 640]],
  ] as const)(
    "a display matrix of %d degrees",
    async (degrees, size) => {
      await using folder = await scratch();
      const source = await rotated(degrees);
      const out = join(folder.path, "out");
      const result = await convert(source, out);
      expect([result.width, result.height]).toEqual([...size]);
      const made = await joinTrack(join(out, "v/360"), join(folder.path, "v.mp4"));
      // The system's ffmpeg turns its input by itself.
      expect(await ssim(made, source, 30)).toBeGreaterThan(LEAST_SSIM);
    },
    30_000,
  );
});

describe("time", () => {
  test("a varying rate becomes a constant one and keeps its length", async () => {
    await using folder = await scratch();
    const result = await convert(await media("variable-rate.mkv"), folder.path);
    expect(result.frameRate).toBe(60);
    const made = await joinTrack(join(folder.path, "v/360"), join(folder.path, "v.mp4"));
    const times = (await packetsOf(made, "v")).map(({ pts }) => pts).sort((a, b) => a - b);
    expect(Math.abs(times.length - 180)).toBeLessThanOrEqual(3);
    times.forEach((time, index) => {
      expect(Math.abs(time - index / 60)).toBeLessThan(0.001);
    });
  }, 180_000);

  test("sound that begins late stays late", async () => {
    await using folder = await scratch();
    await convert(await media("late-audio.mkv"), join(folder.path, "out"));
    const sound = await joinTrack(join(folder.path, "out/a/und"), join(folder.path, "a.mp4"));
    const { err } = await run([
      ..."/usr/bin/ffmpeg -v info -copyts -i".split(" "),
      sound,
      ..."-af silencedetect=n=-50dB:d=0.5 -f null -".split(" "),
    ]);
    const silenceEnds = Number(/silence_end: ([0-9.]+)/.exec(err)?.[1]);
    expect(Math.abs(silenceEnds - 1)).toBeLessThan(1 / 30);
  }, 180_000);

  test("every language becomes a track", async () => {
    await using folder = await scratch();
    await convert(await media("two-languages.mkv"), folder.path);
    const master = await Bun.file(join(folder.path, "master.m3u8")).text();
    expect(master).toMatch(/LANGUAGE="en",.*"a\/eng\//);
    expect(master).toMatch(/LANGUAGE="de",.*"a\/ger\//);
  }, 180_000);

  test("high dynamic range is brought into the standard range", async () => {
    await using folder = await scratch();
    const result = await convert(await media("hdr-pq.mkv"), folder.path);
    expect(result.frameRate).toBe(25);
    const made = await joinTrack(join(folder.path, "v/360"), join(folder.path, "v.mp4"));
    expect(await streamOf(made)).toMatchObject({
      pix_fmt: "yuv420p",
      color_space: "bt709",
      color_transfer: "bt709",
      color_primaries: "bt709",
    });
  }, 180_000);
});

describe("the cap of a rung", () => {
  test("holds within every segment, and the declared bandwidth covers what crosses from one to the next", async () => {
    await using folder = await scratch();
    const { renditions } = await convert(await media("noise-10s.mp4"), folder.path);
    const made = await joinTrack(join(folder.path, "v/360"), join(folder.path, "v.mp4"));
    const packets = await packetsOf(made, "v");
    const [capBits, bufferBits, perSegment] = [1_000_000, 2_000_000, 100];
    for (let start = 0; start < packets.length; start += perSegment) {
      let bits = 0;
      packets.slice(start, start + perSegment).forEach(({ bytes }, index) => {
        bits += bytes * 8;
        expect(bits).toBeLessThanOrEqual(bufferBits + capBits * ((index + 1) / 25));
      });
    }
    // DASH's rule (ISO/IEC 23009-1, 5.3.5.2): at the declared rate, after the initial buffering time,
    // every picture is there when it is due, from any segment on.
    const mpd = await Bun.file(join(folder.path, "manifest.mpd")).text();
    const declared = Number(/<Representation[^>]*id="v360"[^>]* bandwidth="(\d+)"/.exec(mpd)?.[1]);
    const minBuffer = Number(/minBufferTime="PT([0-9.]+)S"/.exec(mpd)?.[1]);
    expect(renditions[0]?.averageBandwidth).toBeGreaterThan(0.9 * capBits);
    for (let start = 0; start < packets.length; start += perSegment) {
      let bits = 0;
      packets.slice(start).forEach(({ bytes }, index) => {
        bits += bytes * 8;
        expect(bits).toBeLessThanOrEqual(declared * (minBuffer + index / 25));
      });
    }
  }, 180_000);
});

const streamOf = async (path: string): Promise<Record<string, unknown>> => {
  const { out } = await run([
    ..."/usr/bin/ffprobe -v error -of json -show_streams".split(" "),
    path,
  ]);
  return JSON.parse(out.toString()).streams[0];
};
