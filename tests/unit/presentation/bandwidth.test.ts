import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  averageBandwidth,
  peakBandwidth,
  sustainedBandwidth,
} from "../../../src/presentation/bandwidth.ts";

/** A track with one tick a second, from [seconds, bytes] pairs. */
const track = (...segments: readonly (readonly [number, number])[]) => ({
  timescale: 1,
  segments: segments.map(([durationTicks, sizeBytes]) => ({ durationTicks, sizeBytes })),
});

describe("averageBandwidth", () => {
  test("is all the bits over all the time, rounded up", () => {
    expect(averageBandwidth(track([4, 1000], [4, 3000], [1, 500]))).toBe(4000);
    expect(averageBandwidth(track([3, 1]))).toBe(3);
  });

  test("is 0 without segments", () => {
    expect(averageBandwidth(track())).toBe(0);
  });
});

describe("peakBandwidth", () => {
  test("is the fastest segment of full length", () => {
    expect(peakBandwidth(track([4, 1000], [4, 3000], [4, 2000]), 4)).toBe(6000);
  });

  test("counts a short last segment only together with its neighbour", () => {
    // Alone it would be 24,000 bits/s; with the 4 s before it, (1000 + 3000) * 8 / 5.
    expect(peakBandwidth(track([4, 1000], [1, 3000]), 4)).toBe(6400);
  });

  test("takes no run of more than one and a half target durations", () => {
    expect(peakBandwidth(track([3, 300], [4, 9000], [3, 300]), 4)).toBe(18_000);
  });

  test("a track that is too short for any run counts as a whole", () => {
    expect(peakBandwidth(track([1, 1000]), 4)).toBe(8000);
  });
});

describe("sustainedBandwidth", () => {
  test("is the rate of the largest segment when all have the buffer's length", () => {
    expect(sustainedBandwidth(track([4, 1000], [4, 3000], [4, 2000]), 4)).toBe(6000);
  });

  test("a short last segment has the buffer time to arrive in, too", () => {
    // The run of both: 32,000 bits within 4 s of buffer and 4 s of playing.
    expect(sustainedBandwidth(track([4, 1000], [1, 3000]), 4)).toBe(6000);
  });

  test("lets nobody wait who starts anywhere, and no lower rate would do", () => {
    const segments = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 1_000_000 })),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(segments, fc.integer({ min: 1, max: 8 }), (pairs, bufferSeconds) => {
        const measured = track(...pairs);
        const declared = sustainedBandwidth(measured, bufferSeconds);
        expect(stallsAt(measured.segments, declared, bufferSeconds)).toBe(false);
        expect(stallsAt(measured.segments, declared - 1, bufferSeconds)).toBe(true);
      }),
    );
  });
});

/** Plays from every segment over a line of `bitsPerSecond`, as a player would. */
const stallsAt = (
  segments: readonly { durationTicks: number; sizeBytes: number }[],
  bitsPerSecond: number,
  bufferSeconds: number,
): boolean =>
  segments.some((_, first) => {
    let downloadedAt = 0;
    let dueAt = bufferSeconds;
    return segments.slice(first).some(({ durationTicks, sizeBytes }) => {
      downloadedAt += (sizeBytes * 8) / bitsPerSecond;
      const isLate = downloadedAt > dueAt * (1 + Number.EPSILON * segments.length);
      dueAt += durationTicks;
      return isLate;
    });
  });
