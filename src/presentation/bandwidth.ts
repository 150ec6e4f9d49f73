import type { AudioTrack, Segment, TextTrack, VideoTrack } from "./presentation.ts";

/** The parts of a track that decide its bit rates. */
type Measured = Pick<VideoTrack | AudioTrack, "timescale" | "segments">;

const bitsOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, segment) => sum + segment.sizeBytes * 8, 0);

const ticksOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, segment) => sum + segment.durationTicks, 0);

/** Rounded up, so that a declared rate never lies below the measured one. */
const bitsPerSecond = (bits: number, ticks: number, timescale: number): number =>
  ticks === 0 ? 0 : Math.ceil((bits * timescale) / ticks);

/**
 * HLS average segment bit rate (RFC 8216 §4.1): all the bits over all the time, in bits/s.
 * 0 for a track without segments.
 */
export const averageBandwidth = ({ timescale, segments }: Measured): number =>
  bitsPerSecond(bitsOf(segments), ticksOf(segments), timescale);

/**
 * HLS peak segment bit rate (RFC 8216 §4.1), in bits/s: the largest bit rate of any run of
 * neighbouring segments that lasts 0.5 to 1.5 target durations. A track shorter than half a target
 * duration has no such run and counts as a whole.
 *
 * @param targetDurationSeconds the playlist's EXT-X-TARGETDURATION
 */
export const peakBandwidth = (
  { timescale, segments }: Measured,
  targetDurationSeconds: number,
): number => {
  const shortestTicks = 0.5 * targetDurationSeconds * timescale;
  const longestTicks = 1.5 * targetDurationSeconds * timescale;
  let peak = 0;
  for (let first = 0; first < segments.length; first += 1) {
    let bits = 0;
    let ticks = 0;
    for (let last = first; last < segments.length && ticks <= longestTicks; last += 1) {
      const segment = segments[last];
      if (segment === undefined) break;
      bits += segment.sizeBytes * 8;
      ticks += segment.durationTicks;
      const isCounted = ticks >= shortestTicks && ticks <= longestTicks;
      if (isCounted) peak = Math.max(peak, bitsPerSecond(bits, ticks, timescale));
    }
  }
  return peak > 0 ? peak : averageBandwidth({ timescale, segments });
};

/**
 * MPD `@bandwidth` (ISO/IEC 23009-1 §5.3.5.2), in bits/s: the smallest constant rate at which a
 * client that starts at any segment, and plays after `minBufferSeconds` of downloading, never waits.
 * A segment counts as needed in full when its first picture is due, so a run of segments has the
 * buffer time plus the time up to its last segment to arrive in.
 *
 * @param minBufferSeconds the MPD's `@minBufferTime`
 */
export const sustainedBandwidth = (
  { timescale, segments }: Measured,
  minBufferSeconds: number,
): number => {
  let highest = 0;
  for (let first = 0; first < segments.length; first += 1) {
    let bits = 0;
    let ticks = minBufferSeconds * timescale;
    // Quadratic: 9,000 segments (ten hours) are 40 million additions, a fraction of a second.
    for (let last = first; last < segments.length; last += 1) {
      const segment = segments[last];
      if (segment === undefined) break;
      bits += segment.sizeBytes * 8;
      highest = Math.max(highest, bitsPerSecond(bits, ticks, timescale));
      ticks += segment.durationTicks;
    }
  }
  return highest;
};

/** Bit rate of a text track, one file over the whole length, in bits/s; peak and average at once. */
export const textBandwidth = ({ sizeBytes }: TextTrack, durationSeconds: number): number =>
  durationSeconds === 0 ? 0 : Math.ceil((sizeBytes * 8) / durationSeconds);
