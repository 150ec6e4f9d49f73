import { type Rational, type SourceFacts, toNumber } from "../source-facts.ts";
import { type AudioPlan, planAudio } from "./audio-plan.ts";
import { chooseFrameTiming } from "./frame-rate.ts";
import { GOP_SECONDS, GOPS_PER_SEGMENT } from "./ladder.ts";
import { type PicturePlan, planPicture } from "./picture-plan.ts";
import { planPoster } from "./poster-plan.ts";
import { displaySize, planRungs, type RungPlan, splitEmptyRungs } from "./rung-plan.ts";
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
  /** Expected number of pictures; null when the source does not say. Never a limit. */
  readonly expectedFrames: number | null;
  /** Pictures after which the source counts as too long. */
  readonly maxFrames: number;
  /** Numbers of the pictures that may become the poster, see `planPoster`. */
  readonly posterFrames: readonly number[];
  /** Null without pictures. */
  readonly storyboard: StoryboardPlan | null;
  readonly picture: PicturePlan;
  /** Lowest first. */
  readonly rungs: readonly RungPlan[];
  /** Rungs that fit the source's size but would show nothing that the highest one made does not. */
  readonly emptyRungs: readonly RungPlan[];
  readonly audio: readonly AudioPlan[];
  readonly text: readonly TextPlan[];
};

const MIN_TIMESCALE = 10_000;

/** Turns facts into a plan; pure. `maxDurationSeconds` is a cap on what will be made of it. */
export const planTranscode = (
  source: SourceFacts,
  { maxDurationSeconds }: { maxDurationSeconds: number },
): TranscodePlan => {
  const { video } = source;
  const picture = planPicture(video);
  const timing = chooseFrameTiming({
    video,
    perField: picture.deinterlace === "fields",
    originSeconds: source.originSeconds,
    durationSeconds: source.durationSeconds,
  });
  const frameRate = timing.rate;
  const rate = toNumber(frameRate);
  const gopFrames = Math.max(1, Math.round(rate * GOP_SECONDS));
  const scale = frameRate.numerator >= MIN_TIMESCALE ? 1 : 1000;
  const seconds = source.durationSeconds;
  const expectedFrames = seconds === null ? null : Math.max(1, Math.round(seconds * rate));
  const { made: rungs, empty: emptyRungs } = splitEmptyRungs(
    planRungs(displaySize(video)),
    source.rungLosses ?? [],
  );
  const [smallest] = rungs;
  return {
    originSeconds: source.originSeconds,
    pictureZeroSeconds: timing.zeroSeconds,
    sourceFrameSeconds: timing.sourceFrameSeconds,
    frameRate,
    timescale: frameRate.numerator * scale,
    ticksPerFrame: frameRate.denominator * scale,
    timeline: regularTimeline(gopFrames, GOPS_PER_SEGMENT),
    expectedFrames,
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
