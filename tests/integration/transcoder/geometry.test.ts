import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  cornersAfter,
  croppedByMatroska,
  croppedByQuickTime,
  type ShapeFixture,
  shape,
  TURNS,
  type Turn,
  tooLargeOnTheWay,
  turnedByExif,
  turnedByTag,
  turnedCopy,
  turnedH264Message,
  turnedHevcMessage,
  turnedMp4,
  turnedOnTheWay,
} from "../../fixtures/geometry-media.ts";
import { sizeChange } from "../../fixtures/media.ts";
import { convert, joinTrack, run, scratch, ssim } from "./judge.ts";

/** Two encodes and two conversions of colour move a saturated value by a few of 255. */
const COLOUR_TOLERANCE = 24;

const LEAST_SSIM = 0.93;

/** The colours of a presentation's corners in reading order, by a second decoder. */
const cornersOf = async (presentation: string, folder: string): Promise<number[][]> => {
  const made = await joinTrack(join(presentation, "v/360"), join(folder, "corners.mp4"));
  const { out } = await run([
    ...["/usr/bin/ffmpeg", "-v", "error", "-i", made, "-frames:v", "1"],
    ...["-vf", "format=rgb24,scale=2:2:flags=area", "-f", "rawvideo", "-"],
  ]);
  return [0, 3, 6, 9].map((at) => [...out.subarray(at, at + 3)]);
};

const expectTurned = async (source: string, turn: Turn): Promise<void> => {
  await using folder = await scratch();
  const out = join(folder.path, "out");
  const { width, height } = await convert(source, out);
  expect([width, height]).toEqual(turn[0] === 0 ? [180, 320] : [320, 180]);
  const found = await cornersOf(out, folder.path);
  cornersAfter(turn).forEach((colour, corner) => {
    colour.forEach((value, channel) => {
      const seen = found[corner]?.[channel] ?? Number.NaN;
      expect(Math.abs(seen - value)).toBeLessThan(COLOUR_TOLERANCE);
    });
  });
};

const turn = (name: keyof typeof TURNS): Turn => {
  const found = TURNS[name];
  if (found === undefined) throw new Error(`no turn is called ${name}`);
  return found;
};

describe("the picture stands upright, wherever its orientation is stored", () => {
  for (const [name, matrix] of Object.entries(TURNS)) {
    test(`MP4, track header: ${name}`, async () => {
      await expectTurned(await turnedMp4(matrix), matrix);
    }, 180_000);
  }

  for (const [name, matrix] of Object.entries(TURNS)) {
    test(`MOV, track header: ${name}`, async () => {
      await expectTurned(await turnedCopy(matrix, "mov"), matrix);
    }, 180_000);
  }

  // Matroska stores a roll in degrees, and cannot say that a picture is mirrored.
  for (const name of ["a quarter clockwise", "half a turn", "a quarter counter-clockwise"]) {
    test(`Matroska, projection: ${name}`, async () => {
      await expectTurned(await turnedCopy(turn(name), "mkv"), turn(name));
    }, 180_000);
  }

  // The message counts counter-clockwise.
  const messages = [
    ["90", "a quarter counter-clockwise"],
    ["180", "half a turn"],
    ["270", "a quarter clockwise"],
    ["horizontal", "mirrored left to right"],
    ["vertical", "mirrored top to bottom"],
  ] as const;
  for (const [how, name] of messages) {
    test(`H.264, display orientation message: ${how}`, async () => {
      await expectTurned(await turnedH264Message(how), turn(name));
    }, 180_000);
  }

  test("HEVC, display orientation message", async () => {
    await expectTurned(await turnedHevcMessage(), turn("a quarter counter-clockwise"));
  }, 180_000);

  const tags = [
    [90, "a quarter clockwise"],
    [180, "half a turn"],
    [270, "a quarter counter-clockwise"],
  ] as const;
  for (const [degrees, name] of tags) {
    test(`Matroska, rotate tag of ${degrees}`, async () => {
      await expectTurned(await turnedByTag(degrees), turn(name));
    }, 180_000);
  }

  test("Motion JPEG, Exif orientation", async () => {
    await expectTurned(await turnedByExif(), turn("a quarter clockwise"));
  }, 180_000);
});

describe("shapes and sizes", () => {
  const sizes: readonly [ShapeFixture, ladder: string[]][] = [
    ["16x16.mp4", ["16x16"]],
    ["square.mp4", ["360x360"]],
    ["ultra-wide.mp4", ["1280x360", "2560x720"]],
    ["tower.mp4", ["360x1600"]],
    ["odd.mkv", ["640x360"]],
    ["pixel-shape-in-container.mkv", ["640x360"]],
    ["pixel-shape-in-codec.ts", ["640x360"]],
    ["pixel-shape-tall.mp4", ["320x240"]],
    ["cropped-by-h264.mp4", ["500x270"]],
  ];
  for (const [name, ladder] of sizes) {
    test(name, async () => {
      await using folder = await scratch();
      const source = await shape(name);
      const out = join(folder.path, "out");
      const { renditions } = await convert(source, out);
      expect(renditions.map(({ width, height }) => `${width}x${height}`)).toEqual(ladder);
      const made = await joinTrack(join(out, "v/360"), join(folder.path, "v.mp4"));
      expect(await ssim(made, source, 25)).toBeGreaterThan(LEAST_SSIM);
    }, 180_000);
  }

  test("8k.mp4", async () => {
    await using folder = await scratch();
    const out = join(folder.path, "out");
    const source = await shape("8k.mp4");
    const { renditions } = await convert(source, out);
    expect(renditions.map(({ height }) => height)).toEqual([360, 720, 1080]);
    const made = await joinTrack(join(out, "v/360"), join(folder.path, "v.mp4"));
    expect(await ssim(made, source, 25)).toBeGreaterThan(LEAST_SSIM);
  }, 180_000);
});

describe("what is cropped by the container is not shown", () => {
  const crops = [
    ["Matroska's PixelCrop", croppedByMatroska, [480, 320]],
    ["QuickTime's clean aperture", croppedByQuickTime, [240, 160]],
  ] as const;
  for (const [name, make, size] of crops) {
    test(name, async () => {
      await using folder = await scratch();
      const out = join(folder.path, "out");
      const { width, height } = await convert(await make(), out);
      expect([width, height]).toEqual([...size]);
      const made = await joinTrack(join(out, "v/360"), join(folder.path, "v.mp4"));
      const reference = join(folder.path, "reference.mkv");
      await run([
        ..."/usr/bin/ffmpeg -v error -f lavfi -i".split(" "),
        `testsrc2=size=${size[0]}x${size[1]}:rate=25:duration=0.4`,
        ...["-c:v", "ffv1", "-pix_fmt", "yuv420p", reference],
      ]);
      expect(await ssim(made, reference, 25)).toBeGreaterThan(LEAST_SSIM);
    }, 180_000);
  }
});

test("a stream that changes its size on the way is shown whole at the planned size, to its end", async () => {
  await using folder = await scratch();
  const out = join(folder.path, "out");
  const source = await sizeChange();
  const result = await convert(source, out);
  expect(result.renditions).toMatchObject([{ width: 320, height: 180 }]);
  // Two parts of two seconds, joined byte by byte.
  expect(Math.abs(result.durationSeconds - 4)).toBeLessThan(0.1);
}, 180_000);

test("a stream that changes its shape on the way is shown whole between black bars", async () => {
  await using folder = await scratch();
  const out = join(folder.path, "out");
  await convert(await turnedOnTheWay(), out);
  const made = await joinTrack(join(out, "v/360"), join(folder.path, "v.mp4"));
  const { out: grey } = await run([
    ..."/usr/bin/ffmpeg -v error -i".split(" "),
    made,
    // The left edge, the middle and the right edge of every picture.
    ..."-vf format=gray,scale=9:1:flags=area -f rawvideo -".split(" "),
  ]);
  const pictures = Array.from({ length: grey.length / 9 }, (_, index) => {
    const at = index * 9;
    return [grey[at] ?? 0, grey[at + 4] ?? 0, grey[at + 8] ?? 0].map((luma) => luma > 40);
  });
  expect(Math.abs(pictures.length - 20)).toBeLessThanOrEqual(1);
  expect(pictures[2]).toEqual([true, true, true]);
  // 180x320 in 180 lines is 101 pixels wide of 320.
  expect(pictures.at(-3)).toEqual([false, true, false]);
}, 180_000);

test("pictures that become larger than allowed on the way are not decoded; what came before is kept", async () => {
  await using folder = await scratch();
  const { warnings, width, durationSeconds } = await convert(
    await tooLargeOnTheWay(),
    join(folder.path, "out"),
  );
  expect(width).toBe(320);
  expect(warnings.map(({ code }) => code)).toContain("frames_damaged");
  expect(Math.abs(durationSeconds - 0.4)).toBeLessThan(0.05);
}, 180_000);
