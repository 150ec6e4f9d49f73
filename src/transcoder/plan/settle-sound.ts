import { toNumber } from "../source-facts.ts";
import { gainFor, type Loudness } from "./gain.ts";
import type { TranscodePlan } from "./plan.ts";
import { planStoryboard } from "./storyboard-plan.ts";

/** What was found out about a planned track. */
export type SettledTrack = { readonly endSeconds: number; readonly loudness: Loudness | null };

/**
 * Completes a plan with what measuring its sound has shown, tracks in the plan's order; pure. The
 * pictures last until less than one of them is missing to the end of the sound. That is how a song
 * with one picture keeps its picture, and it is decided here so that a range of segments rendered
 * by itself ends like all the others.
 *
 * Each track gets a gain of its own: languages come from different studios, and who changes from one
 * to the other should not have to reach for the volume.
 *
 * @param targetLufs what the tracks are brought to; null leaves them alone
 */
export const settleSound = (
  plan: TranscodePlan,
  tracks: readonly SettledTrack[],
  targetLufs: number | null,
): TranscodePlan => {
  const audio = plan.audio.map((track, index) => {
    const loudness = tracks[index]?.loudness ?? null;
    return { ...track, loudness, gainDb: gainFor(loudness, targetLufs) };
  });
  const rate = toNumber(plan.frameRate);
  const soundEndSeconds = Math.max(0, ...tracks.map(({ endSeconds }) => endSeconds));
  const soundFrames = Math.floor(soundEndSeconds * rate);
  const [smallest] = plan.rungs;
  if (smallest === undefined) {
    return { ...plan, audio, soundEndSeconds, expectedFrames: Math.max(1, soundFrames) };
  }
  const expectedFrames =
    plan.expectedFrames === null ? null : Math.max(plan.expectedFrames, soundFrames);
  return {
    ...plan,
    audio,
    soundEndSeconds,
    leastFrames: soundFrames,
    expectedFrames,
    storyboard: planStoryboard(smallest, { expectedFrames, rate }),
  };
};
