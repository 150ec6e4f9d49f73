import type { SourceWarning } from "../videos/job-message.ts";
import type { SourceFacts } from "./source-facts.ts";

/** Headers count the last picture or the sound's padding in their own way; less than this is no loss, in seconds. */
const LEAST_LOSS_SECONDS = 0.5;

/** The same as a part of the length: long recordings state theirs roughly. */
const LEAST_LOSS = 0.02;

/**
 * A warning when less came out of a source than its header says there is. Matroska's length counts
 * from zero in some files and from the first picture in others, so a late start is given the benefit
 * of the doubt.
 */
export const cutShort = (
  { durationSeconds, originSeconds }: Pick<SourceFacts, "durationSeconds" | "originSeconds">,
  madeSeconds: number,
): SourceWarning[] => {
  if (durationSeconds === null) return [];
  const statedSeconds = durationSeconds - Math.max(0, originSeconds);
  const lost = statedSeconds - madeSeconds;
  if (lost < Math.max(LEAST_LOSS_SECONDS, statedSeconds * LEAST_LOSS)) return [];
  return [
    {
      code: "source_cut_short",
      message: `The file says that it lasts ${statedSeconds.toFixed(1)} s, but it ends after ${madeSeconds.toFixed(1)} s; it was converted as far as it goes.`,
    },
  ];
};
