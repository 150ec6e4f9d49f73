import type { MediaPlaylist } from "./hls/media-playlist.ts";
import type { Files } from "./presentation.ts";

/** One stretch of media with what has to be fetched for it. */
export type Stretch = { readonly bytes: number; readonly seconds: number };

/** What a playlist makes a player fetch: bytes of each segment and its EXTINF. */
export const stretchesOf = (playlist: MediaPlaylist, files: Files): Stretch[] =>
  playlist.segments.map(({ file, duration, range }) => ({
    bytes: range?.length ?? files.get(file)?.length ?? 0,
    seconds: duration,
  }));

/** RFC 8216 §4.1, "average segment bit rate", in bits/s. */
export const averageRate = (stretches: readonly Stretch[]): number => {
  const bytes = stretches.reduce((sum, stretch) => sum + stretch.bytes, 0);
  const seconds = stretches.reduce((sum, stretch) => sum + stretch.seconds, 0);
  return seconds === 0 ? 0 : (bytes * 8) / seconds;
};

/**
 * RFC 8216 §4.1, "peak segment bit rate", in bits/s: the most that any neighbouring segments take
 * which last between half and one and a half target durations together. Where none do, the whole counts.
 */
export const peakRate = (stretches: readonly Stretch[], targetDuration: number): number => {
  const rates = stretches.flatMap((_, first) => {
    const found: number[] = [];
    let bytes = 0;
    let seconds = 0;
    for (const stretch of stretches.slice(first)) {
      bytes += stretch.bytes;
      seconds += stretch.seconds;
      if (seconds > 1.5 * targetDuration) break;
      if (seconds >= 0.5 * targetDuration) found.push((bytes * 8) / seconds);
    }
    return found;
  });
  return rates.length === 0 ? averageRate(stretches) : rates.reduce((a, b) => Math.max(a, b));
};

/**
 * The least constant rate at which playing from any segment on, `bufferSeconds` after the first bit,
 * never waits for a segment (ISO/IEC 23009-1 §5.3.5.2), in bits/s. A segment has to be there when its
 * first sample is due.
 */
export const neededRate = (stretches: readonly Stretch[], bufferSeconds: number): number => {
  let needed = 0;
  for (let first = 0; first < stretches.length; first += 1) {
    let bits = 0;
    let available = bufferSeconds;
    for (const { bytes, seconds } of stretches.slice(first)) {
      bits += bytes * 8;
      needed = Math.max(needed, bits / available);
      available += seconds;
    }
  }
  return needed;
};
