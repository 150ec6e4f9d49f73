import { toNumber } from "../source-facts.ts";
import type { TranscodePlan } from "./plan.ts";
import { planStoryboard } from "./storyboard-plan.ts";

/** Where a planned track was found to end. */
export type TrackEnd = { readonly endSeconds: number };

/**
 * Completes a plan with what measuring its sound has shown, tracks in the plan's order; pure. The
 * pictures last until less than one of them is missing to the end of the sound. That is how a song
 * with one picture keeps its picture, and it is decided here so that a range of segments rendered
 * by itself ends like all the others.
 */
export const settleSound = (plan: TranscodePlan, tracks: readonly TrackEnd[]): TranscodePlan => {
  const rate = toNumber(plan.frameRate);
  const soundEndSeconds = Math.max(0, ...tracks.map(({ endSeconds }) => endSeconds));
  const soundFrames = Math.floor(soundEndSeconds * rate);
  const [smallest] = plan.rungs;
  if (smallest === undefined) {
    return { ...plan, soundEndSeconds, expectedFrames: Math.max(1, soundFrames) };
  }
  const expectedFrames =
    plan.expectedFrames === null ? null : Math.max(plan.expectedFrames, soundFrames);
  return {
    ...plan,
    soundEndSeconds,
    leastFrames: soundFrames,
    expectedFrames,
    storyboard: planStoryboard(smallest, { expectedFrames, rate }),
  };
};
