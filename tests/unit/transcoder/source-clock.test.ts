import { describe, expect, test } from "bun:test";
import { SourceClock } from "../../../src/transcoder/ffmpeg/source-clock.ts";

const [VIDEO, SOUND] = [0, 1];

/** Feeds times of 0.5 s packets and returns them shifted. */
const shifted = (packets: readonly (readonly [stream: number, seconds: number])[]): number[] => {
  const clock = new SourceClock();
  return packets.map(([stream, seconds]) => seconds + clock.shift(stream, seconds, 0.5));
};

describe("the clock of a source", () => {
  test("leaves a steady clock alone, its gaps and a late stream too", () => {
    const times = [100, 100.5, 101, 109, 109.5];
    expect(shifted(times.map((time) => [VIDEO, time]))).toEqual(times);
    const late = [
      [VIDEO, 0],
      [VIDEO, 8],
      [VIDEO, 16],
      [SOUND, 16],
      [VIDEO, 24],
      [VIDEO, 32],
      // Sound that was away for 16 s while the pictures went on.
      [SOUND, 32],
    ] as const;
    expect(shifted(late)).toEqual(late.map(([, time]) => time));
  });

  test("goes on where a clock starts again, and the sound follows the pictures", () => {
    expect(
      shifted([
        [VIDEO, 0],
        [SOUND, 0],
        [VIDEO, 0.5],
        [VIDEO, 0],
        // The last sound of the first part comes after the first picture of the second.
        [SOUND, 0.5],
        [SOUND, 0],
        [VIDEO, 0.5],
        [SOUND, 0.5],
      ]),
    ).toEqual([0, 0, 0.5, 1, 0.5, 1, 1.5, 1.5]);
  });

  test("takes a third part like a second one", () => {
    const part = [0, 0.5, 1].map((time) => [VIDEO, time] as const);
    expect(shifted([...part, ...part, ...part])).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]);
  });

  test("closes a jump ahead of everything", () => {
    expect(
      shifted([
        [VIDEO, 5],
        [SOUND, 5],
        [VIDEO, 9000],
        [SOUND, 9000],
      ]),
    ).toEqual([5, 5, 5.5, 5.5]);
  });

  test("one damaged time changes nothing after it", () => {
    expect(
      shifted([
        [VIDEO, 1],
        [VIDEO, 80_000],
        [VIDEO, 2],
        [VIDEO, 2.5],
      ]),
    ).toEqual([1, 1.5, 2, 2.5]);
  });

  test("packets without a time belong to the clock of their stream", () => {
    const clock = new SourceClock();
    clock.shift(VIDEO, 10, 0.5);
    clock.shift(VIDEO, 0, 0.5);
    expect(clock.shift(VIDEO, null, 0.5)).toBe(10.5);
  });
});
