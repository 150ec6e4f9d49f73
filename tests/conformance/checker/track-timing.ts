import type { Fragment } from "./bmff/segment.ts";
import type { Track, TrackSegment } from "./presentation.ts";

/** Ticks that a fragment's samples last together. */
export const fragmentTicks = ({ samples }: Fragment): number =>
  samples.reduce((sum, { duration }) => sum + duration, 0);

/** Ticks that a segment lasts. */
export const segmentTicks = ({ fragments }: TrackSegment): number =>
  fragments.reduce((sum, fragment) => sum + fragmentTicks(fragment), 0);

/** Decode time of a segment's first sample, 0 where none is written. */
export const segmentStart = ({ fragments }: TrackSegment): number => fragments[0]?.decodeTime ?? 0;

/** Decode and composition time of every sample, in decoding order. */
export const sampleTimes = (segment: TrackSegment): { decode: number; composition: number }[] =>
  segment.fragments.flatMap((fragment) => {
    let decode = fragment.decodeTime ?? 0;
    return fragment.samples.map(({ duration, offset }) => {
      const time = { decode, composition: decode + offset };
      decode += duration;
      return time;
    });
  });

/** Media time at which the presentation begins (the edit list's one entry), in ticks. */
export const skippedTicks = ({ header }: Track): number =>
  Math.max(0, header.edits?.[0]?.mediaTime ?? 0);

/** Where the track's first sample is presented, in seconds; before 0 when its beginning is skipped. */
export const presentationStart = (track: Track): number => {
  const [first] = track.segments;
  const times = first === undefined ? [] : sampleTimes(first).map(({ composition }) => composition);
  const earliest = times.length === 0 ? 0 : times.reduce((a, b) => Math.min(a, b));
  return (earliest - skippedTicks(track)) / track.header.media.timescale;
};

/** Seconds of presentation up to the end of the last sample shown. */
export const presentationEnd = (track: Track): number => {
  const last = track.segments.at(-1);
  if (last === undefined) return 0;
  const durations = last.fragments.flatMap(({ samples }) =>
    samples.map(({ duration }) => duration),
  );
  const ends = sampleTimes(last).map(
    ({ composition }, index) => composition + (durations[index] ?? 0),
  );
  const latest = ends.reduce((a, b) => Math.max(a, b), 0);
  return (latest - skippedTicks(track)) / track.header.media.timescale;
};

/** The duration that most samples of a track have, in ticks. */
export const usualDuration = (track: Track): number => {
  const counts = new Map<number, number>();
  for (const { fragments } of track.segments) {
    for (const { samples } of fragments) {
      for (const { duration } of samples) counts.set(duration, (counts.get(duration) ?? 0) + 1);
    }
  }
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), [0, 0])[0];
};
