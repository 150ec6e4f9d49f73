import { SluiceError } from "../../errors.ts";
import type { TranscodePlan } from "../plan/plan.ts";
import type { Source } from "../source.ts";
import { toNumber } from "../source-facts.ts";
import { type AudioOutcome, renderAudio } from "./audio.ts";
import type { PictureResume, PictureState } from "./picture-state.ts";
import type { SegmentSink } from "./segment-sink.ts";
import { renderText, type TextOutcome } from "./text.ts";
import { renderVideo, type VideoOutcome } from "./video.ts";

/** Segments `from` (included) to `to` (excluded), counted from 0. */
export type SegmentRange = { readonly from: number; readonly to: number };

/** Every segment there is; the source alone knows how many. */
export const WHOLE: SegmentRange = { from: 0, to: Number.POSITIVE_INFINITY };

export type RenderOptions = {
  readonly signal: AbortSignal;
  /** Default true; text goes with it. Sound is always made whole: a codec with overlapping windows cannot be spliced. */
  readonly withAudio?: boolean;
  /**
   * Goes on with an earlier run of the same source and plan: rungs begin where it says, and poster and
   * thumbnails take its state up. The range begins at or before the first of them.
   */
  readonly resume?: PictureResume;
  /** Hands out a way to see where the pictures stand; the latest one holds, also after the end. */
  readonly watch?: (look: () => PictureState) => void;
  /** A rung has encoded one more picture; `position` is the part of the source's bytes read so far, 0 to 1. */
  readonly onPicture?: (rungId: string, position: number) => void;
  /** A track of sound is encoded up to here, in seconds. */
  readonly onSound?: (trackId: string, seconds: number) => void;
};

export type RenderOutcome = {
  readonly video: VideoOutcome;
  readonly audio: readonly AudioOutcome[];
  readonly text: readonly TextOutcome[];
};

const NO_PICTURES: VideoOutcome = { pictures: 0, end: 0, damaged: 0 };

/**
 * Makes segments. A segment is a pure function of source, plan and index: a whole run, a resumed one
 * and a run of a range alone give the same bytes. Throws `source_undecodable`, `source_too_long`, or
 * the reason of the signal; nothing native is left open either way.
 */
export const render = async (
  source: Source,
  plan: TranscodePlan,
  range: SegmentRange,
  sink: SegmentSink,
  options: RenderOptions,
): Promise<RenderOutcome> => {
  // One loop's failure ends the others; all must have settled before anything is thrown on.
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const guarded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (thrown) {
      failed.abort(thrown);
      throw thrown;
    }
  };
  const tracks = options.withAudio === false ? [] : plan.audio;
  const work = { source, plan, sink, signal };
  const { picture } = plan;
  const { onPicture = () => {}, onSound = () => {}, resume, watch } = options;
  const going = { ...(resume && { resume }), ...(watch && { watch }) };
  const video = guarded(
    picture === null
      ? Promise.resolve(NO_PICTURES)
      : renderVideo({ ...work, ...going, plan: { ...plan, picture }, range, onPicture }),
  );
  const leastSeconds = async (): Promise<number> => {
    if (picture === null) return plan.soundEndSeconds;
    return (await video).end / toNumber(plan.frameRate);
  };
  const audio = tracks.map((track) =>
    guarded(renderAudio({ ...work, track, leastSeconds, onSound })),
  );
  const text = guarded(options.withAudio === false ? Promise.resolve([]) : renderText(work));
  await Promise.allSettled([video, ...audio, text]);
  if (options.signal.aborted) throw options.signal.reason;
  if (failed.signal.aborted) throw failed.signal.reason;
  const outcome = { video: await video, audio: await Promise.all(audio), text: await text };
  const isSilent = outcome.audio.every(({ segments }) => segments === 0);
  const isEmpty = picture === null ? isSilent : outcome.video.pictures === 0;
  if (isEmpty && range.from === 0) {
    throw new SluiceError("source_undecodable");
  }
  return outcome;
};
