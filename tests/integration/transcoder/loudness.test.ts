import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type SoundFixture, soundMedia } from "../../fixtures/sound-media.ts";
import { convert, joinTrack, run, runCommand, scratch } from "./judge.ts";

/** What the issue of loudness is about: half a unit is the least difference that listeners notice. */
const TOLERANCE_LU = 0.5;

/** AAC at our rates moves single peaks by up to this much; the mean stays. */
const PEAK_TOLERANCE_DB = 1;

/** Loudness and true peak by the system's ffmpeg, a build that is not the one under test. */
const measured = async (path: string): Promise<{ integrated: number; truePeak: number }> => {
  const { err } = await run([
    ..."/usr/bin/ffmpeg -v info -nostats -nostdin -i".split(" "),
    path,
    ..."-map 0:a:0 -af ebur128=peak=true:framelog=verbose -f null -".split(" "),
  ]);
  const figure = (pattern: RegExp) => Number(pattern.exec(err)?.[1]);
  return {
    integrated: figure(/ I: +(-?[\d.]+) LUFS/),
    truePeak: figure(/ Peak: +(-?[\d.]+) dBFS/),
  };
};

const convertAndMeasure = async (name: SoundFixture, loudnessLufs?: number | null) => {
  await using folder = await scratch();
  const out = join(folder.path, "out");
  const source = await soundMedia(name);
  const result = await convert(source, out, loudnessLufs === undefined ? {} : { loudnessLufs });
  const made = await measured(await joinTrack(join(out, "a/und"), join(folder.path, "a.mp4")));
  const [sound] = result.sound;
  if (sound === undefined) throw new Error("no sound in the result");
  return { made, source: await measured(source), sound };
};

describe("loudness", () => {
  test.each([
    ["quiet-chord.wav", undefined, -16],
    ["loud-chord.wav", undefined, -16],
    ["quiet-chord.wav", -23, -23],
    ["loud-chord.wav", -30, -30],
  ] as const)(
    "%s with target %s comes to %s LUFS",
    async (name, target, expected) => {
      const { made, source, sound } = await convertAndMeasure(name, target);
      expect(Math.abs(made.integrated - expected)).toBeLessThan(TOLERANCE_LU);
      expect(made.truePeak).toBeLessThan(-1 + PEAK_TOLERANCE_DB);
      // The result tells what the source is, and what was done.
      expect(Math.abs((sound.integratedLufs ?? 0) - source.integrated)).toBeLessThan(0.2);
      expect(Math.abs((sound.truePeakDbtp ?? 0) - source.truePeak)).toBeLessThan(0.2);
      expect(Math.abs(source.integrated + sound.gainDb - expected)).toBeLessThan(0.2);
    },
    60_000,
  );

  test("peaks come to the ceiling where the target is out of reach, and nothing is squeezed", async () => {
    const { made, source, sound } = await convertAndMeasure("quiet-with-peaks.wav");
    expect(Math.abs(made.truePeak + 1)).toBeLessThan(PEAK_TOLERANCE_DB);
    expect(made.integrated).toBeLessThan(-16 - TOLERANCE_LU);
    // One gain for all: mean and peaks move by the same amount.
    expect(Math.abs(made.integrated - source.integrated - sound.gainDb)).toBeLessThan(TOLERANCE_LU);
    expect(sound.gainDb).toBeGreaterThan(3);
  }, 60_000);

  test("off leaves it as it is", async () => {
    const { made, source, sound } = await convertAndMeasure("quiet-chord.wav", null);
    expect(sound.gainDb).toBe(0);
    expect(Math.abs(made.integrated - source.integrated)).toBeLessThan(TOLERANCE_LU);
  }, 60_000);

  test.each(["silence.wav", "click.wav"] as const)(
    "%s is left alone",
    async (name) => {
      await using folder = await scratch();
      const result = await convert(await soundMedia(name), join(folder.path, "out"));
      expect(result.sound).toMatchObject([{ integratedLufs: null, truePeakDbtp: null, gainDb: 0 }]);
    },
    60_000,
  );

  test("each track gets a gain of its own", async () => {
    await using folder = await scratch();
    const out = join(folder.path, "out");
    const { sound } = await convert(await soundMedia("quiet-and-loud.mkv"), out);
    expect(sound[0]?.gainDb).toBeGreaterThan(0);
    expect(sound[1]?.gainDb).toBeLessThan(0);
    for (const { id } of sound) {
      const track = await joinTrack(join(out, "a", id), join(folder.path, `${id}.mp4`));
      expect(Math.abs((await measured(track)).integrated + 16)).toBeLessThan(TOLERANCE_LU);
    }
  }, 60_000);

  test("the command line takes a target or off, and says what was done", async () => {
    await using folder = await scratch();
    const source = await soundMedia("quiet-chord.wav");
    const args = (loudness: string) => [source, "-o", folder.path, "--overwrite", loudness];
    const raised = await runCommand(args("--loudness=-20"));
    expect(raised.exitCode).toBe(0);
    expect(raised.err).toMatch(/Sound \(und\): -\d\d\.\d LUFS, \+\d+\.\d dB/);
    const off = await runCommand(args("--loudness=off"));
    expect(off.err).toContain("left alone");
    expect((await runCommand(args("--loudness=loud"))).exitCode).toBe(64);
  }, 60_000);
});
