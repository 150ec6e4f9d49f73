import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  type ContainerFixture,
  container,
  containerFixtures,
  emptyEdit,
  FLASH_RATE,
  FLASH_SECONDS,
  joinedRecordings,
  mediaSkip,
} from "../../fixtures/container-media.ts";
import { flashesAndBeeps } from "./flash-and-beep.ts";
import { convert, countDecoded, joinTrack, scratch, ssim } from "./judge.ts";

/** One picture at 25 per second, and the most that flash and beep may lie apart. */
const PICTURE_SECONDS = 0.04;

/** A second encode of drawn pictures keeps at least this much; pictures that are shifted by one fall below. */
const LEAST_SSIM = 0.93;

/** Containers that begin with the sound's priming shift everything by less than a picture. */
const CLOCK_SECONDS = 0.001;

/** Where recordings are joined, sound and pictures of the first part end at different times and one of them gives way. */
const JOIN_SECONDS = 0.04;

const expectTimes = (
  found: readonly number[],
  wanted: readonly number[],
  tolerance: number,
): void => {
  expect(found.length).toBe(wanted.length);
  found.forEach((time, index) => {
    const apart = Math.abs(time - (wanted[index] ?? Number.NaN));
    expect(apart).toBeLessThanOrEqual(tolerance + CLOCK_SECONDS);
  });
};

const check = async (
  source: string,
  {
    times = FLASH_SECONDS as readonly number[],
    rate = FLASH_RATE as number,
    pictures = 50,
    compare = true,
    alignStarts = false,
    tolerance = PICTURE_SECONDS,
  } = {},
): Promise<void> => {
  await using folder = await scratch();
  const out = join(folder.path, "out");
  const result = await convert(source, out);
  expect(result.warnings).toEqual([]);
  expect(result.frameRate).toBe(rate);
  const made = await joinTrack(join(out, "v/360"), join(folder.path, "v.mp4"));
  expect(Math.abs((await countDecoded(made)) - pictures)).toBeLessThanOrEqual(1);
  if (compare) expect(await ssim(made, source, rate, { alignStarts })).toBeGreaterThan(LEAST_SSIM);
  const { flashes, beeps } = await flashesAndBeeps(out, folder.path, rate);
  expectTimes(flashes, times, tolerance);
  expectTimes(beeps, times, tolerance);
  expectTimes(flashes, beeps, tolerance);
};

/** The judge takes the sound's priming, which is not heard, for the start of these. */
const ALIGNED = new Set<ContainerFixture>(["fragmented.mp4", "cmaf-like.mp4"]);

/** Tapes are interlaced: every field becomes a picture. */
const FIELDS = new Map<ContainerFixture, { rate: number; pictures: number }>([
  ["tape.dv", { rate: 50, pictures: 100 }],
]);

describe("every container: the same pictures, flash and beep together at start, middle and end", () => {
  for (const name of containerFixtures) {
    test(name, async () => {
      await check(await container(name), { alignStarts: ALIGNED.has(name), ...FIELDS.get(name) });
    }, 180_000);
  }
});

describe("edit lists", () => {
  test("that skip media: what lies before is decoded and not shown", async () => {
    await check(await mediaSkip());
  }, 180_000);

  test("that are empty: the pictures begin late, and the sound is not moved", async () => {
    const times = FLASH_SECONDS.map((seconds) => seconds + 0.4);
    await check(await emptyEdit(), { times, pictures: 60, compare: false });
  }, 180_000);
});

describe("recordings that were joined byte by byte: time goes back, the presentation goes on", () => {
  for (const kind of ["ts", "mpg"] as const) {
    test(kind, async () => {
      const times = [...FLASH_SECONDS, ...FLASH_SECONDS.map((seconds) => seconds + 2)];
      const tolerance = PICTURE_SECONDS + JOIN_SECONDS;
      await check(await joinedRecordings(kind), {
        times,
        pictures: 100,
        compare: false,
        tolerance,
      });
    }, 180_000);
  }
});
