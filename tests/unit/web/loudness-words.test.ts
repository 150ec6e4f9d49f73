import { expect, test } from "bun:test";
import { channelWords, loudnessWords } from "../../../src/web/loudness-words.ts";

const sound = {
  id: "de",
  language: "de",
  channels: 2,
  integratedLufs: -23.14,
  truePeakDbtp: -4,
  gainDb: 7.14,
};

test("how loud it was and what was done", () => {
  expect(loudnessWords(sound)).toBe("-23.1 LUFS, raised by 7.1 dB");
  expect(loudnessWords({ ...sound, integratedLufs: -9, gainDb: -7 })).toBe(
    "-9.0 LUFS, lowered by 7.0 dB",
  );
  expect(loudnessWords({ ...sound, gainDb: -0 })).toBe("-23.1 LUFS, left as it is");
  expect(loudnessWords({ ...sound, integratedLufs: null, gainDb: 0 })).toBe(
    "too quiet or too short to measure",
  );
});

test("channels by the names that people know", () => {
  expect([1, 2, 6].map((channels) => channelWords({ ...sound, channels }))).toEqual([
    "mono",
    "stereo",
    "6 channels",
  ]);
});
