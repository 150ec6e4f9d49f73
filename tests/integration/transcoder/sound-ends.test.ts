import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { measureSound } from "../../../src/transcoder/measure.ts";
import { planTranscode } from "../../../src/transcoder/plan/plan.ts";
import { settleSound } from "../../../src/transcoder/plan/settle-sound.ts";
import { probe } from "../../../src/transcoder/probe.ts";
import { render } from "../../../src/transcoder/render/render.ts";
import { openSource } from "../../../src/transcoder/source.ts";
import { expectConformant } from "../../fixtures/conformance.ts";
import { type SoundFixture, soundMedia } from "../../fixtures/sound-media.ts";
import { hear, rms, toneLevel } from "./hearing.ts";
import { convert, countDecoded, joinTrack, packetsOf, scratch, segmentNumbers } from "./judge.ts";

const FRAME_SECONDS = 1 / 30;

/** Silence may hold what a decoder makes of quantised nothing: 60 dB below full scale is inaudible. */
const SILENT = 0.001;

/** The fixtures' tone has 0.088 to 0.125 by the number of channels. */
const PRESENT = 0.06;

/** Decodes what was made and says where picture and sound end. */
const endsOf = async (out: string, folder: string) => {
  const picture = await joinTrack(join(out, "v/360"), join(folder, "v.mp4"));
  const sound = await joinTrack(join(out, "a/und"), join(folder, "a.mp4"));
  const pictures = await countDecoded(picture);
  const [samples = new Float32Array()] = await hear(sound);
  return { pictures, picture: pictures * FRAME_SECONDS, sound: samples.length / 48_000, samples };
};

describe("picture and sound end within one picture of each other", () => {
  test.each([
    ["sound-longer.mp4", 7],
    ["sound-longer.mkv", 7],
    ["one-picture-and-a-song.mp4", 9],
  ] as const)(
    "%s: the last picture stays to the end of the sound",
    async (name, seconds) => {
      await using folder = await scratch();
      const out = join(folder.path, "out");
      const result = await convert(await soundMedia(name), out);
      await expectConformant(out);
      const ends = await endsOf(out, folder.path);
      expect(Math.abs(ends.picture - seconds)).toBeLessThan(2 * FRAME_SECONDS);
      expect(Math.abs(ends.picture - ends.sound)).toBeLessThan(FRAME_SECONDS);
      expect(Math.abs(result.durationSeconds - seconds)).toBeLessThan(2 * FRAME_SECONDS);
      const tone = toneLevel(ends.samples, 440, { from: seconds - 0.5, seconds: 0.4 });
      expect(tone).toBeGreaterThan(PRESENT);
      const packets = await packetsOf(join(folder.path, "v.mp4"), "v");
      // Pictures in which nothing moves take next to nothing: an IDR picture every two seconds, and skips.
      const held = packets.filter(({ pts, isKey }) => pts > 4.1 && !isKey);
      expect(Math.max(...held.map(({ bytes }) => bytes))).toBeLessThan(2000);
    },
    60_000,
  );

  test.each(["sound-shorter.mp4", "sound-shorter.mkv"] as const)(
    "%s: silence lasts to the end of the pictures",
    async (name) => {
      await using folder = await scratch();
      const out = join(folder.path, "out");
      await convert(await soundMedia(name), out);
      await expectConformant(out);
      const ends = await endsOf(out, folder.path);
      expect(ends.pictures).toBe(180);
      expect(Math.abs(ends.picture - ends.sound)).toBeLessThan(FRAME_SECONDS);
      expect(toneLevel(ends.samples, 440, { from: 0.5, seconds: 1 })).toBeGreaterThan(PRESENT);
      expect(rms(ends.samples, 2.2, 3.5)).toBeLessThan(SILENT);
      expect(await segmentNumbers(join(out, "a/und"))).toEqual([1, 2]);
    },
    60_000,
  );
});

test.each([
  "sound-longer.mp4",
  "sound-longer.mkv",
  "one-picture-and-a-song.mp4",
] as const satisfies readonly SoundFixture[])(
  "%s: a range that lies after the last picture is what a whole run makes of it",
  async (name) => {
    const { signal } = new AbortController();
    const limits = { maxDurationSeconds: 3600 };
    const source = await openSource(await soundMedia(name), { signal });
    const sketch = planTranscode((await probe(source, limits)).facts, limits);
    const measured = await measureSound(source, sketch, { signal, onActivity: () => {} });
    const plan = settleSound(sketch, measured, null);
    const hashesOf = async (range: { from: number; to: number }) => {
      const made = new Map<string, string>();
      const sink = {
        init: async () => {},
        segment: async ({ id }: { id: string }, number: number, bytes: Uint8Array) => {
          made.set(`${id}/${number}`, new Bun.CryptoHasher("sha256").update(bytes).digest("hex"));
        },
        poster: () => {},
        quality: () => {},
        sheet: async () => {},
      };
      await render(source, plan, range, sink, { signal, withAudio: false });
      return made;
    };
    const whole = await hashesOf({ from: 0, to: Number.POSITIVE_INFINITY });
    const late = await hashesOf({ from: 1, to: Number.POSITIVE_INFINITY });
    expect([...whole.keys()].length).toBeGreaterThan(1);
    expect([...late]).toEqual([...whole].slice(1));
  },
  60_000,
);
