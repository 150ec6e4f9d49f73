/** What is known of a video stream before anything of it is decoded. */
export type VideoCandidate = {
  readonly streamIndex: number;
  /** FFmpeg's codec name. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** A cover, a thumbnail or a still: a picture about the film, not the film. */
  readonly isCover: boolean;
  /** The container marks it as the one to show. */
  readonly isDefault: boolean;
  /** Its decoder is on the allow-list. */
  readonly isAllowed: boolean;
};

export type VideoChoice = {
  /** Null when there is none but covers. */
  readonly chosen: VideoCandidate | null;
  /** The films that were not taken. */
  readonly others: readonly VideoCandidate[];
};

/**
 * Which of several video streams is shown: one that can be decoded before one that cannot, the
 * container's default, the largest, the first. Covers never are.
 */
export const chooseVideo = (candidates: readonly VideoCandidate[]): VideoChoice => {
  const films = candidates.filter(({ isCover }) => !isCover);
  const [chosen = null, ...others] = films.toSorted(
    (a, b) =>
      Number(b.isAllowed) - Number(a.isAllowed) ||
      Number(b.isDefault) - Number(a.isDefault) ||
      b.width * b.height - a.width * a.height ||
      a.streamIndex - b.streamIndex,
  );
  return { chosen, others };
};

/** One sentence about a choice among several, or null when there was none to make. */
export const describeChoice = ({ chosen, others }: VideoChoice): string | null => {
  if (chosen === null || others.length === 0) return null;
  const left = others.map(nameOf).join(", ");
  return `The file holds ${others.length + 1} videos: ${nameOf(chosen)} was taken, ${left} left out.`;
};

const nameOf = ({ streamIndex, codec, width, height }: VideoCandidate): string =>
  `stream ${streamIndex} (${codec}, ${width}x${height})`;
