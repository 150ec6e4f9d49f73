/**
 * Where the pictures of a presentation are cut, the same for every rung: which picture each segment
 * begins with, and which pictures are IDR pictures. Pictures are counted from 0 at the plan's
 * constant rate, segments from 0.
 */
export type Timeline = {
  /** Pictures from one IDR picture to the next where nothing is given. */
  readonly gopFrames: number;
  /** Pictures in a segment where nothing is given: whole GOPs. */
  readonly segmentFrames: number;
  /** The places of a source whose own IDR pictures are kept; null: as regular as the two lengths above. */
  readonly given: GivenCuts | null;
};

/** Both lists rise and begin with 0; one number for every segment and GOP is all that grows with a source's length. */
export type GivenCuts = {
  /** First picture of each segment; every one is in `keys`. */
  readonly starts: readonly number[];
  /** Every IDR picture. */
  readonly keys: readonly number[];
};

/** A timeline of equal GOPs and equal segments. */
export const regularTimeline = (gopFrames: number, gopsPerSegment: number): Timeline => ({
  gopFrames,
  segmentFrames: gopFrames * gopsPerSegment,
  given: null,
});

/**
 * First picture of a segment; Infinity for segment Infinity. Past the last given segment the
 * timeline goes on with regular ones: sound may last longer than the pictures.
 */
export const firstPicture = ({ segmentFrames, given }: Timeline, segment: number): number => {
  if (given === null) return segment * segmentFrames;
  const start = given.starts[segment];
  if (start !== undefined) return start;
  const last = given.starts.length - 1;
  return (given.starts[last] ?? 0) + (segment - last) * segmentFrames;
};

/** The segment that a picture belongs to. */
export const segmentOf = ({ segmentFrames, given }: Timeline, picture: number): number => {
  if (given === null) return Math.floor(picture / segmentFrames);
  const last = lastNotAbove(given.starts, picture);
  if (last < given.starts.length - 1) return last;
  return last + Math.floor((picture - (given.starts[last] ?? 0)) / segmentFrames);
};

/** The GOP that a picture belongs to, counted from 0 over the whole presentation. */
export const gopOf = ({ gopFrames, given }: Timeline, picture: number): number => {
  if (given === null) return Math.floor(picture / gopFrames);
  const last = lastNotAbove(given.keys, picture);
  if (last < given.keys.length - 1) return last;
  return last + Math.floor((picture - (given.keys[last] ?? 0)) / gopFrames);
};

/** Whether a picture of a given timeline is an IDR picture. */
export const isGivenKey = ({ keys }: GivenCuts, picture: number): boolean =>
  keys[lastNotAbove(keys, picture)] === picture;

/** Index of the last of the rising numbers that is not above `limit`; 0 when all are. */
const lastNotAbove = (rising: readonly number[], limit: number): number => {
  let low = 0;
  let high = rising.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((rising[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
};
