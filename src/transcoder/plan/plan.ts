import { type Rational, type SourceFacts, toNumber } from "../source-facts.ts";
import { type AudioPlan, planAudio } from "./audio-plan.ts";
import type { CopyPlan } from "./copy-plan.ts";
import { chooseFrameTiming, type FrameTiming } from "./frame-rate.ts";
import { GOP_SECONDS, GOPS_PER_SEGMENT } from "./ladder.ts";
import { type PicturePlan, planPicture } from "./picture-plan.ts";
import { planPoster } from "./poster-plan.ts";
import { displaySize, improveTop, planRungs, type RungPlan, splitEmptyRungs } from "./rung-plan.ts";
import { planStoryboard, type StoryboardPlan } from "./storyboard-plan.ts";
import { planText, type TextPlan } from "./text-plan.ts";
import { regularTimeline, type Timeline } from "./timeline.ts";

/** Everything that decides what the segments contain; made from the facts alone. */
export type TranscodePlan = {
  /** Time of the source that is the presentation's zero. */
  readonly originSeconds: number;
  /** Time of the source at which picture 0 is shown: the zero, moved by at most half a picture. */
  readonly pictureZeroSeconds: number;
  /** Time from one picture of the source to the next where it does not say. */
  readonly sourceFrameSeconds: number;
  /** Constant rate of all rungs; picture `n` is shown at `n / frameRate`. */
  readonly frameRate: Rational;
  /** Ticks per second of the video tracks, and the length of one picture in it. */
  readonly timescale: number;
  readonly ticksPerFrame: number;
  /** Where segments and GOPs begin. */
  readonly timeline: Timeline;
  /** The rung that takes the source's pictures as they are; null when all are encoded. */
  readonly copy: CopyPlan | null;
  /** Expected number of pictures; null when the source does not say. Never a limit. */
  readonly expectedFrames: number | null;
  /**
   * Pictures there have to be at least, so that the last one stays until the sound ends. 0 before the
   * sound was measured. The pictures may go on for longer.
   */
  readonly leastFrames: number;
  /** Where the longest track ends, in seconds from the start; 0 without sound or before it was measured. */
  readonly soundEndSeconds: number;
  /** Pictures after which the source counts as too long. */
  readonly maxFrames: number;
  /** Numbers of the pictures that may become the poster, see `planPoster`. */
  readonly posterFrames: readonly number[];
  /** Null without pictures. */
  readonly storyboard: StoryboardPlan | null;
  /** Null for sound alone, which has no rungs; its frame rate is but the clock that segments are cut by. */
  readonly picture: PicturePlan | null;
  /** Lowest first. */
  readonly rungs: readonly RungPlan[];
  /** Rungs that fit the source's size but would show nothing that the highest one made does not. */
  readonly emptyRungs: readonly RungPlan[];
  readonly audio: readonly AudioPlan[];
  readonly text: readonly TextPlan[];
};

/** A plan that has pictures. */
export type PicturedPlan = TranscodePlan & { readonly picture: PicturePlan };

/** A clock that cuts sound alone into segments of 4 s. */
const timingOfSound = ({ originSeconds }: SourceFacts): FrameTiming => ({
  rate: { numerator: 25, denominator: 1 },
  zeroSeconds: originSeconds,
  sourceFrameSeconds: 1 / 25,
});

const MIN_TIMESCALE = 10_000;

/** Turns facts into a plan; pure. `maxDurationSeconds` is a cap on what will be made of it. */
export const planTranscode = (
  source: SourceFacts,
  { maxDurationSeconds }: { maxDurationSeconds: number },
): TranscodePlan => {
  const { video } = source;
  const picture = video === null ? null : planPicture(video);
  const timing =
    video === null
      ? timingOfSound(source)
      : chooseFrameTiming({
          video,
          perField: picture?.deinterlace === "fields",
          originSeconds: source.originSeconds,
          durationSeconds: source.durationSeconds,
        });
  const frameRate = timing.rate;
  const rate = toNumber(frameRate);
  const gopFrames = Math.max(1, Math.round(rate * GOP_SECONDS));
  const scale = frameRate.numerator >= MIN_TIMESCALE ? 1 : 1000;
  const seconds = source.durationSeconds;
  const expectedFrames = seconds === null ? null : Math.max(1, Math.round(seconds * rate));
  const { made, empty: emptyRungs } = splitEmptyRungs(
    video === null ? [] : planRungs(displaySize(video)),
    source.rungLosses ?? [],
  );
  const rungs = improveTop(made);
  const [smallest] = rungs;
  return {
    originSeconds: source.originSeconds,
    pictureZeroSeconds: timing.zeroSeconds,
    sourceFrameSeconds: timing.sourceFrameSeconds,
    frameRate,
    timescale: frameRate.numerator * scale,
    ticksPerFrame: frameRate.denominator * scale,
    timeline: regularTimeline(gopFrames, GOPS_PER_SEGMENT),
    copy: null,
    expectedFrames,
    leastFrames: 0,
    soundEndSeconds: 0,
    maxFrames: Math.ceil(maxDurationSeconds * rate),
    posterFrames: planPoster(seconds, rate),
    storyboard: smallest === undefined ? null : planStoryboard(smallest, { expectedFrames, rate }),
    picture,
    rungs,
    emptyRungs,
    audio: planAudio(source),
    text: planText(source.text),
  };
};
