import { SluiceError } from "../errors.ts";
import type { IFrame, Segment } from "../presentation/presentation.ts";
import { iFramesOf } from "./packaging/i-frames.ts";
import type { InitSegment } from "./packaging/init-segment.ts";
import type { MediaSegment } from "./packaging/media-segment.ts";
import type { TrackRef } from "./render/segment-sink.ts";

/** What of a track has been written so far: numbers alone, so that memory does not grow with the bytes. */
export type WrittenTrack = {
  readonly init: InitSegment;
  readonly initBytes: number;
  startTicks: number;
  /** Where the next segment has to begin. */
  endTicks: number;
  readonly segments: Segment[];
  /** Empty for sound. */
  readonly iFrames: IFrame[];
};

/**
 * Takes a segment's numbers down. Throws `transcode_failed` when its bytes do not bear out what the
 * manifests will say of it: it does not begin where the one before ended, or (pictures) not with a sync
 * sample.
 */
export const appendSegment = (
  written: WrittenTrack,
  number: number,
  { startTicks, durationTicks, sizeBytes, ...segment }: MediaSegment,
  kind: TrackRef["kind"],
): void => {
  if (written.segments.length === 0) {
    written.startTicks = startTicks;
  } else if (startTicks !== written.endTicks) {
    throw new SluiceError("transcode_failed", {
      message: `Segment ${number} begins at ${startTicks} instead of ${written.endTicks}.`,
    });
  }
  written.endTicks = startTicks + durationTicks;
  written.segments.push({ durationTicks, sizeBytes });
  if (kind === "video") written.iFrames.push(...iFramesOf(segment, number));
};
