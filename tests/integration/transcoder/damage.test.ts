import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { SluiceError } from "../../../src/errors.ts";
import type { TranscodeResult } from "../../../src/videos/job-message.ts";
import {
  type ContainerFixture,
  container,
  FLASH_RATE,
  FLASH_SECONDS,
} from "../../fixtures/container-media.ts";
import { cached, ffmpeg } from "../../fixtures/media.ts";
import { flashesAndBeeps, flashesIn } from "./flash-and-beep.ts";
import { convert, countDecoded, joinTrack, scratch } from "./judge.ts";

/** Small files of one second: what is cut or flipped is a large part of them. */
const small = (kind: "mp4" | "mkv" | "ts" | "avi" | "flv" | "mpg"): Promise<string> =>
  cached(`damage-victim.${kind}`, (path) => {
    const codecs =
      kind === "avi" || kind === "mpg"
        ? `-c:v ${kind === "avi" ? "mpeg4" : "mpeg2video"} -q:v 5 -g 5 -c:a mp2`
        : "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 5 -c:a aac";
    const format = kind === "mpg" ? "-f vob" : kind === "mp4" ? "-movflags +faststart" : "";
    return ffmpeg([
      ..."-f lavfi -i testsrc2=size=96x64:rate=25:duration=1 -f lavfi -i sine=sample_rate=48000:duration=1".split(
        " ",
      ),
      ...`${codecs} ${format}`.trim().split(" "),
      path,
    ]);
  });

/** The result, or the refusal; anything but a refusal for the source's sake fails. */
const attempt = async (source: string, out: string): Promise<TranscodeResult | SluiceError> => {
  try {
    return await convert(source, out);
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.fault === "source") return thrown;
    throw thrown;
  }
};

/** A generator whose numbers are the same in every run (mulberry32). */
const seeded = (seed: number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const KINDS = ["mp4", "mkv", "ts", "avi", "flv", "mpg"] as const;

/** Places at which each file is cut, as parts of it. */
const CUTS = [0.02, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.93, 0.99] as const;

/** Where pictures lie unevenly in a file, the index in front or the sound between: this much later they begin to come, at most. */
const HEADER_PART = 0.35;

describe("a file that is cut off gives what came before", () => {
  for (const kind of KINDS) {
    test(kind, async () => {
      const bytes = await Bun.file(await small(kind)).bytes();
      let lastSeconds = 0;
      for (const cut of CUTS) {
        await using folder = await scratch();
        const source = join(folder.path, `cut.${kind}`);
        await Bun.write(source, bytes.subarray(0, Math.floor(bytes.length * cut)));
        const outcome = await attempt(source, join(folder.path, "out"));
        if (outcome instanceof SluiceError) {
          expect([cut, cut < HEADER_PART, outcome.code]).toEqual([cut, true, outcome.code]);
          continue;
        }
        // Each longer piece gives at least as much as a shorter one, and none more than there was.
        expect(outcome.durationSeconds).toBeGreaterThanOrEqual(lastSeconds - 1 / 25);
        expect(outcome.durationSeconds).toBeLessThan(1.2);
        lastSeconds = outcome.durationSeconds;
        const made = await joinTrack(join(folder.path, "out/v/360"), join(folder.path, "v.mp4"));
        expect(await countDecoded(made)).toBeGreaterThan(0);
      }
      expect(lastSeconds).toBeGreaterThan(0.85);
    }, 180_000);
  }

  test("and says so where its header knows better", async () => {
    await using folder = await scratch();
    const bytes = await Bun.file(await container("moov-first.mp4")).bytes();
    const source = join(folder.path, "half.mp4");
    await Bun.write(source, bytes.subarray(0, bytes.length / 2));
    const { warnings, durationSeconds } = await convert(source, join(folder.path, "out"));
    expect(warnings.map(({ code }) => code)).toContain("source_cut_short");
    expect(durationSeconds).toBeLessThan(1.5);
  }, 180_000);
});

describe("bytes that are flipped cost what they hit, and nothing else", () => {
  const SEEDS = 5;
  const FLIPS = 20;
  for (const kind of KINDS) {
    test(`${kind}, ${SEEDS} times ${FLIPS} flipped bits`, async () => {
      let converted = 0;
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const random = seeded(seed);
        const bytes = Buffer.from(await Bun.file(await small(kind)).bytes());
        for (let flip = 0; flip < FLIPS; flip += 1) {
          const at = Math.floor(random() * bytes.length);
          bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
        }
        await using folder = await scratch();
        const source = join(folder.path, `flipped.${kind}`);
        await Bun.write(source, bytes);
        const outcome = await attempt(source, join(folder.path, "out"));
        if (outcome instanceof SluiceError) continue;
        converted += 1;
        const made = await joinTrack(join(folder.path, "out/v/360"), join(folder.path, "v.mp4"));
        expect(await countDecoded(made)).toBeGreaterThan(0);
      }
      // A flipped bit can hit the few bytes that the whole file hangs on, but seldom.
      expect(converted).toBeGreaterThanOrEqual(SEEDS - 2);
    }, 180_000);
  }
});

describe("sound and pictures stay together", () => {
  const expectTogether = (flashes: readonly number[], beeps: readonly number[]) => {
    flashes.forEach((flash, index) => {
      expect(Math.abs(flash - (beeps[index] ?? Number.NaN))).toBeLessThanOrEqual(0.041);
    });
  };

  test("in a recording that begins between two keyframes", async () => {
    await using folder = await scratch();
    const bytes = await Bun.file(await container("transport-stream.ts")).bytes();
    const source = join(folder.path, "begins-late.ts");
    // From a packet boundary in the first GOP on, behind the first flash.
    const packets = Math.floor((bytes.length * 0.08) / 188);
    await Bun.write(source, bytes.subarray(packets * 188));
    const out = join(folder.path, "out");
    const { warnings } = await convert(source, out);
    expect(warnings.map(({ code }) => code)).toContain("start_undecodable");
    const { flashes, beeps } = await flashesAndBeeps(out, folder.path, FLASH_RATE);
    expect(flashes.length).toBeGreaterThanOrEqual(2);
    expectTogether(flashes.slice(-2), beeps.slice(-2));
  }, 180_000);

  test("when the sound is missing in the middle", async () => {
    await using folder = await scratch();
    const source = await cached("sound-missing-in-the-middle.mkv", async (path) => {
      const whole = await container("matroska.mkv" satisfies ContainerFixture);
      await ffmpeg([
        ...["-i", whole, "-c:v", "copy", "-c:a", "flac"],
        ...["-af", "aselect='not(between(t,0.7,1.5))'", "-fps_mode", "passthrough", path],
      ]);
    });
    const out = join(folder.path, "out");
    await convert(source, out);
    const { beeps } = await flashesAndBeeps(out, folder.path, FLASH_RATE);
    const flashes = await flashesIn(join(folder.path, "fb-v.mp4"), FLASH_RATE);
    expect(flashes.length).toBe(FLASH_SECONDS.length);
    // The beep in the middle is what is missing.
    expect(beeps.length).toBe(2);
    expectTogether([flashes[0] ?? 0, flashes[2] ?? 0], beeps);
  }, 180_000);
});
