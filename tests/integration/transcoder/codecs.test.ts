import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type CodecFixture, codec, codecFixtures } from "../../fixtures/codec-media.ts";
import { convert, countDecoded, joinTrack, scratch, ssim } from "./judge.ts";

/** A second encode of drawn pictures keeps at least this much; wrong planes, ranges or shifts fall far below. */
const LEAST_SSIM = 0.93;

type Expected = {
  readonly rate?: number;
  readonly pictures?: number;
  readonly leastSsim?: number;
  /** False where the judge's decoder cannot read the source or shows other colours. */
  readonly compare?: boolean;
};

const expected: Partial<Record<CodecFixture, Expected>> = {
  // Every field becomes a picture.
  "h264-mbaff.mp4": { rate: 50, pictures: 100, leastSsim: 0.85 },
  "dnxhd.mov": { pictures: 10 },
  // The judge converts from full range and from RGB in its own way.
  "mjpeg.avi": { leastSsim: 0.9 },
  "mjpeg.mov": { leastSsim: 0.9 },
  "raw-rgb.mov": { leastSsim: 0.9 },
  "png.mov": { leastSsim: 0.9 },
  "apng.apng": { leastSsim: 0.9 },
  // A palette of 256 colours is dithered, and dither is the first thing an encoder smooths away.
  "gif.gif": { leastSsim: 0.8 },
  // FFmpeg before version 8 cannot read animated WebP.
  "webp.webp": { compare: false },
};

describe("every codec: all pictures, and they look like the source", () => {
  for (const name of codecFixtures) {
    test(name, async () => {
      await using folder = await scratch();
      const { rate = 25, pictures = 50, leastSsim = LEAST_SSIM, compare } = expected[name] ?? {};
      const source = await codec(name);
      const out = join(folder.path, "out");
      const result = await convert(source, out);
      expect(result.warnings).toEqual([]);
      expect(result.frameRate).toBe(rate);
      const made = await joinTrack(join(out, "v/360"), join(folder.path, "v.mp4"));
      expect(Math.abs((await countDecoded(made)) - pictures)).toBeLessThanOrEqual(1);
      const reference = compare === false ? await codec("ffv1.mkv") : source;
      expect(await ssim(made, reference, rate)).toBeGreaterThan(leastSsim);
    }, 180_000);
  }
});
