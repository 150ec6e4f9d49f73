import { expect, test } from "bun:test";
import { join } from "node:path";
import { soundMedia } from "../../fixtures/sound-media.ts";
import { beepsIn, flashesIn, hear } from "./hearing.ts";
import { convert, joinTrack, scratch } from "./judge.ts";

/** Sound that comes earlier or later than this is seen to be out of step. */
const SYNC_SECONDS = 0.04;

test.each([
  ["late-sound.mkv", 4],
  ["late-sound.mp4", 4],
  ["early-sound.mkv", 5],
  ["hole-in-sound.mkv", 5],
] as const)(
  "%s: beeps come with their flashes from start to end",
  async (name, count) => {
    await using folder = await scratch();
    const out = join(folder.path, "out");
    await convert(await soundMedia(name), out);
    const picture = await joinTrack(join(out, "v/360"), join(folder.path, "v.mp4"));
    const sound = await joinTrack(join(out, "a/und"), join(folder.path, "a.mp4"));
    const flashes = await flashesIn(picture, 30);
    const [samples = new Float32Array()] = await hear(sound);
    const beeps = beepsIn(samples, 0.2);
    const together = beeps.filter((beep) =>
      flashes.some((flash) => Math.abs(flash - beep) < SYNC_SECONDS),
    );
    expect(together.length).toBeGreaterThanOrEqual(count);
    // The only beeps without a flash are those for which there was no picture yet.
    const first = flashes[0] ?? 0;
    expect(beeps.filter((beep) => beep > first - SYNC_SECONDS)).toEqual(
      together.filter((beep) => beep > first - SYNC_SECONDS),
    );
  },
  60_000,
);
