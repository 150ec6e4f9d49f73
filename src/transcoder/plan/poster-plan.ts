/**
 * Where a poster is looked for, as parts of the source's length: a tenth into it is past most fades
 * and titles; the others are asked in turn while the picture is black or nearly uniform.
 */
const PARTS = [0.1, 0.15, 0.2, 0.3, 0.4, 0.5] as const;

/** No candidate lies later, so that a poster of a long film is there soon; in seconds. */
const LATEST_SECONDS = [20, 30, 40, 60, 80, 100] as const;

/** The same for a source whose header says no length, in seconds. */
const UNKNOWN_LENGTH_SECONDS = [1, 2, 4, 8, 16, 32] as const;

/**
 * Numbers of the pictures that may become the poster, the preferred one first and rising; the very
 * first picture stands in for sources too short to have them.
 */
export const planPoster = (durationSeconds: number | null, rate: number): number[] => {
  const frames = PARTS.map((part, index) => {
    const seconds =
      durationSeconds === null
        ? (UNKNOWN_LENGTH_SECONDS[index] ?? 0)
        : Math.min(durationSeconds * part, LATEST_SECONDS[index] ?? 0);
    return Math.floor(rate * seconds);
  });
  return [...new Set(frames)];
};
