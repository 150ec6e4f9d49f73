import { SluiceError } from "../errors.ts";
import type { AudioTrack, Presentation, VideoTrack } from "./presentation.ts";

/** Every track of the presentation, video first. */
export const tracksOf = (presentation: Presentation): readonly (VideoTrack | AudioTrack)[] => [
  ...presentation.video,
  ...presentation.audio,
];

/** Length of a track: all its segments together, in seconds. */
export const durationSecondsOf = ({ segments, timescale }: VideoTrack | AudioTrack): number =>
  segments.reduce((sum, { durationTicks }) => sum + durationTicks, 0) / timescale;

/** Duration of the longest segment of any track, in seconds; 0 when there are no segments. */
export const longestSegmentSeconds = (presentation: Presentation): number =>
  Math.max(
    0,
    ...tracksOf(presentation).map(
      (track) => Math.max(0, ...track.segments.map((s) => s.durationTicks)) / track.timescale,
    ),
  );

/**
 * The one timeline that all rungs share, so that a player may change between them at any segment.
 * Throws `transcode_failed` when they differ: a manifest must not claim an alignment that is not there.
 */
export const sharedTimeline = (tracks: readonly [VideoTrack, ...VideoTrack[]]): VideoTrack => {
  const [reference, ...others] = tracks;
  const stray = others.find((track) => !isAligned(track, reference));
  if (stray !== undefined) {
    throw new SluiceError("transcode_failed", {
      message: `Segments of ${stray.id} are not aligned with those of ${reference.id}.`,
    });
  }
  return reference;
};

const isAligned = (track: VideoTrack, reference: VideoTrack): boolean =>
  track.timescale === reference.timescale &&
  track.startTicks === reference.startTicks &&
  track.segments.length === reference.segments.length &&
  track.segments.every((s, index) => s.durationTicks === reference.segments[index]?.durationTicks);
