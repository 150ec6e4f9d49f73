/** Hours (optional, any number of digits up to four), minutes, seconds, fraction after a comma or a point. */
const PATTERN = String.raw`(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9}))?`;

const TIMING = new RegExp(String.raw`^\s*${PATTERN}\s*-{1,2}>\s*${PATTERN}(.*)$`);

/** A line that gives a cue its time, as SRT and WebVTT have it. */
export type Timing = {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** What follows the times. */
  readonly rest: string;
};

/** Reads a timing line; null for any other. Files made by hand are read too: one-digit parts, a point for a comma. */
export const readTiming = (line: string): Timing | null => {
  // A line of a megabyte is none; the test spares the pattern what has no arrow.
  if (!line.slice(0, MAX_LINE).includes("->")) return null;
  const match = TIMING.exec(line.slice(0, MAX_LINE));
  if (match === null) return null;
  const [, h1, m1, s1, f1, h2, m2, s2, f2, rest = ""] = match;
  return { startSeconds: seconds(h1, m1, s1, f1), endSeconds: seconds(h2, m2, s2, f2), rest };
};

const MAX_LINE = 1000;

const seconds = (hours = "0", minutes = "0", whole = "0", fraction = ""): number =>
  Number(hours) * 3600 + Number(minutes) * 60 + Number(whole) + Number(`0.${fraction || "0"}`);

/** A time as WebVTT writes it (§4.1), `hh:mm:ss.ttt`. */
export const writeTimestamp = (at: number): string => {
  const ms = Math.round(Math.max(0, at) * 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const rest = ms % 60_000;
  return `${two(hours)}:${two(minutes)}:${two(Math.floor(rest / 1000))}.${String(rest % 1000).padStart(3, "0")}`;
};
