import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  CHANNEL_HERTZ,
  CHANNEL_LEVEL,
  channelTones,
  namelessTones,
} from "../../fixtures/sound-media.ts";
import { decibels, hear, toneLevel } from "./hearing.ts";
import { convert, joinTrack, scratch } from "./judge.ts";

/** AAC at 128 kb/s moves single tones by less than this. */
const LEVEL_TOLERANCE_DB = 0.5;

/** What reaches the wrong side is at least so much quieter than what belongs there. */
const SEPARATION_DB = 35;

const CENTRE = Math.SQRT1_2;

/** Converts without loudness, and gives the level of each tone on both sides, relative to the source. */
const heard = async (source: string, hertz: readonly number[]) => {
  await using folder = await scratch();
  const out = join(folder.path, "out");
  await convert(source, out, { loudnessLufs: null });
  const sides = await hear(await joinTrack(join(out, "a/und"), join(folder.path, "a.mp4")));
  return hertz.map((tone) =>
    sides.map((side) => toneLevel(side, tone, { from: 0.3, seconds: 1 }) / CHANNEL_LEVEL),
  );
};

/** Left and right coefficients of ITU-R BS.775 before the whole is scaled down. */
const BS_775: Readonly<Record<string, readonly [number, number]>> = {
  FL: [1, 0],
  FR: [0, 1],
  FC: [CENTRE, CENTRE],
  LFE: [0, 0],
  BL: [CENTRE, 0],
  BR: [0, CENTRE],
  SL: [CENTRE, 0],
  SR: [0, CENTRE],
  BC: [0.5, 0.5],
};

const expectNear = (level: number, expected: number, loudest: number, what: string) => {
  if (expected > 0) {
    expect([what, Math.abs(decibels(level / expected)) < LEVEL_TOLERANCE_DB]).toEqual([what, true]);
  } else {
    expect([what, decibels(level / loudest) < -SEPARATION_DB]).toEqual([what, true]);
  }
};

describe("every channel comes to its side at its level", () => {
  test.each([
    ["stereo", ["FL", "FR"]],
    ["2.1", ["FL", "FR", "LFE"]],
    ["3.0", ["FL", "FR", "FC"]],
    ["3.0(back)", ["FL", "FR", "BC"]],
    ["quad", ["FL", "FR", "BL", "BR"]],
    ["5.0", ["FL", "FR", "FC", "BL", "BR"]],
    ["5.1", ["FL", "FR", "FC", "LFE", "BL", "BR"]],
    ["5.1(side)", ["FL", "FR", "FC", "LFE", "SL", "SR"]],
    ["6.1", ["FL", "FR", "FC", "LFE", "BC", "SL", "SR"]],
    ["7.1", ["FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"]],
  ] as const)(
    "%s",
    async (layout, channels) => {
      const hertz = channels.map((name) => CHANNEL_HERTZ[name] ?? 0);
      const levels = await heard(await channelTones(layout, channels), hertz);
      const weights = channels.map((name) => BS_775[name] ?? [0, 0]);
      // All channels at full scale together are full scale: nothing can clip.
      const scale = Math.max(
        ...[0, 1].map((side) => weights.reduce((sum, w) => sum + (w[side] ?? 0), 0)),
      );
      channels.forEach((name, index) => {
        for (const side of [0, 1]) {
          const level = levels[index]?.[side] ?? 0;
          const expected = (weights[index]?.[side] ?? 0) / scale;
          expectNear(level, expected, 1 / scale, `${name} ${side === 0 ? "left" : "right"}`);
        }
      });
    },
    60_000,
  );

  test("mono stays mono", async () => {
    const [levels = []] = await heard(await channelTones("mono", ["FC"]), [CHANNEL_HERTZ.FC ?? 0]);
    expect(levels).toHaveLength(1);
    expectNear(levels[0] ?? 0, 1, 1, "mono");
  }, 60_000);
});

describe("channels in arrangements that are no arrangement are all heard", () => {
  test("a left and a centre without a right", async () => {
    const hertz = [CHANNEL_HERTZ.FL ?? 0, CHANNEL_HERTZ.FC ?? 0];
    const [left = [], centre = []] = await heard(await channelTones("FL+FC", ["FL", "FC"]), hertz);
    expect(Math.max(...left)).toBeGreaterThan(0.3);
    expect(Math.max(...centre)).toBeGreaterThan(0.3);
  }, 60_000);

  test("nine channels without places: in turns left and right", async () => {
    const hertz = Array.from({ length: 9 }, (_, index) => 300 + 150 * index);
    const levels = await heard(await namelessTones(hertz), hertz);
    levels.forEach((sides, index) => {
      const side = index % 2;
      expectNear(sides[side] ?? 0, side === 0 ? 1 / 5 : 1 / 4, 1, `channel ${index}`);
      expectNear(sides[1 - side] ?? 0, 0, 1, `channel ${index}`);
    });
  }, 60_000);
});

test.each([
  [8_000, "pcm_s16le"],
  [11_025, "pcm_u8"],
  [22_050, "pcm_s16le"],
  [44_100, "pcm_s24le"],
  [96_000, "pcm_s32le"],
  [192_000, "pcm_f32le"],
] as const)(
  "%i samples per second (%s) keep pitch and level",
  async (rate, codec) => {
    const source = await channelTones("stereo", ["FL", "FR"], rate, codec);
    const [left = [], right = []] = await heard(source, [310, 430]);
    expectNear(left[0] ?? 0, 1, 1, "left");
    expectNear(left[1] ?? 0, 0, 1, "left on the right");
    expectNear(right[1] ?? 0, 1, 1, "right");
  },
  60_000,
);
