import type { SourceWarning } from "../videos/job-message.ts";

/** Headers count the last picture or the sound's padding in their own way; less than this is no loss, in seconds. */
const LEAST_LOSS_SECONDS = 0.5;

/** The same as a part of the length: long recordings state theirs roughly. */
const LEAST_LOSS = 0.02;

/** A warning when less came out of a source than its header says there is; `statedSeconds` is null where it says nothing. */
export const cutShort = (statedSeconds: number | null, madeSeconds: number): SourceWarning[] => {
  if (statedSeconds === null) return [];
  const lost = statedSeconds - madeSeconds;
  if (lost < Math.max(LEAST_LOSS_SECONDS, statedSeconds * LEAST_LOSS)) return [];
  return [
    {
      code: "source_cut_short",
      message: `The file says that it lasts ${statedSeconds.toFixed(1)} s, but it ends after ${madeSeconds.toFixed(1)} s; it was converted as far as it goes.`,
    },
  ];
};
