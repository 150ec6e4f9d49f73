import type { Presentation } from "./presentation.ts";
import { longestSegmentSeconds } from "./timing.ts";

/**
 * EXT-X-TARGETDURATION, in seconds, of every playlist of the presentation: no EXTINF, rounded to the
 * nearest integer, exceeds it (RFC 8216 §4.3.3.1), and it is the same for all tracks (Apple HLS
 * authoring specification 8.2).
 */
export const targetDurationSeconds = (presentation: Presentation): number =>
  Math.max(1, Math.round(longestSegmentSeconds(presentation)));

/**
 * EXTINF values in seconds with six decimals, of parts that follow one another. Each is the difference
 * of its rounded ends, so rounding never adds up: at every part the listed times are within half a
 * microsecond of the media.
 */
export const listedDurations = (
  parts: readonly { readonly durationTicks: number }[],
  timescale: number,
): string[] => {
  const toMicroseconds = (ticks: number): number => Math.round((ticks * 1e6) / timescale);
  let startTicks = 0;
  return parts.map(({ durationTicks }) => {
    const endTicks = startTicks + durationTicks;
    const microseconds = toMicroseconds(endTicks) - toMicroseconds(startTicks);
    startTicks = endTicks;
    return (microseconds / 1e6).toFixed(6);
  });
};
