/** How the pictures of a source follow one another, as far as their timestamps show it. */
export type Pace = {
  /**
   * `regular`: at this rate every picture has a tick of its own, with ticks left empty at most where
   * the source pauses. `irregular`: `rate` is that of its lively parts.
   */
  readonly kind: "regular" | "irregular";
  /** Pictures per second. */
  readonly rate: number;
  /** Time of the first picture on the even grid that grids all of them best, in seconds. */
  readonly phaseSeconds: number;
  /** How far a picture lies from its tick at most, in ticks of `rate`. */
  readonly deviation: number;
  /** How wrong `rate` can be, as a part of it. */
  readonly uncertainty: number;
};

/** How far a picture may lie from its tick, in ticks, before the grid is not the source's; half a tick is where it would be shown at another one. */
const MAX_DEVIATION = 0.4;

/** With pauses the grid is found by rounding, which needs more certainty than counting. */
const MAX_DEVIATION_WITH_PAUSES = 0.25;

/** Intervals up to this many times a short one belong to the lively parts of a source. */
const LIVELY = 1.5;

/** The short interval: some may be shorter, as bursts and repeated timestamps are. */
const SHORT_QUANTILE = 0.15;

/** Times nearer than this part of the lively interval are one time: muxers mend repeats by a tick. */
const REPEAT = 0.2;

/** Grids this close to the lively interval are tried. */
const NEAR = 0.04;

/** Two places of a file have the same rate when they differ by no more than this, or by what is uncertain. */
const SAME_RATE = 5e-4;

type Grid = Omit<Pace, "kind">;

/**
 * Measures the pace from times in seconds, rising within each of some places of the file. Null when
 * there are fewer than two different times. `likelyRates` are tried where pauses make the rate hard
 * to see: those that the header names and those that cameras use.
 */
export const measurePace = (
  places: readonly (readonly number[])[],
  likelyRates: readonly number[],
): Pace | null => {
  const rising = places
    .map((times) => withoutRepeats(times, 0))
    .filter((times) => times.length > 1);
  const [start] = rising;
  if (start === undefined) return null;
  const lively = livelyInterval(rising.flatMap(intervals));
  const grids = rising
    .map((times) => withoutRepeats(times, lively * REPEAT))
    .map((times) => evenGrid(times) ?? pausingGrid(times, lively, likelyRates))
    .filter((grid) => grid !== null);
  const [first] = grids;
  if (first === undefined || grids.length < rising.length || !grids.every(agreesWith(first))) {
    return {
      kind: "irregular",
      rate: 1 / lively,
      phaseSeconds: start[0] ?? 0,
      deviation: 1,
      uncertainty: 1,
    };
  }
  const best = grids.reduce((a, b) => (b.uncertainty < a.uncertainty ? b : a));
  const { phaseSeconds, deviation } = first;
  return {
    kind: "regular",
    rate: best.rate,
    uncertainty: best.uncertainty,
    phaseSeconds,
    deviation,
  };
};

const agreesWith =
  (a: Grid) =>
  (b: Grid): boolean =>
    Math.abs(a.rate / b.rate - 1) <= Math.max(SAME_RATE, a.uncertainty + b.uncertainty);

const withoutRepeats = (times: readonly number[], nearer: number): number[] => {
  const kept: number[] = [];
  for (const time of times) if (time - (kept.at(-1) ?? -1e9) > nearer) kept.push(time);
  return kept;
};

const intervals = (times: readonly number[]): number[] =>
  times.slice(1).map((time, index) => time - (times[index] ?? time));

/** The usual distance of pictures where the source moves: the middle one of the short intervals. */
const livelyInterval = (all: readonly number[]): number => {
  const sorted = all.toSorted((a, b) => a - b);
  const short = sorted[Math.floor(sorted.length * SHORT_QUANTILE)] ?? 1;
  const cluster = sorted.filter((each) => each <= short * LIVELY && each >= short / LIVELY);
  return cluster[Math.floor(cluster.length / 2)] ?? short;
};

/** One picture at every tick. */
const evenGrid = (times: readonly number[]): Grid | null => {
  const ticks = times.map((_, index) => index);
  const grid = gridOf(times, ticks);
  if (grid.deviation > MAX_DEVIATION) return null;
  if (grid.deviation < PATTERN_DEVIATION || times.length < LEAST_FOR_PATTERN) return grid;
  // Film at television's pace: every second picture is exactly on time, the others as far off each time.
  const half = gridOf(
    times.filter((_, index) => index % 2 === 0),
    ticks.filter((index) => index % 2 === 0),
  );
  if (half.deviation > grid.deviation * PATTERN_GAIN) return grid;
  const late = times.map((time, index) => (time - half.phaseSeconds) * half.rate - index);
  const middle = (Math.min(...late) + Math.max(...late)) / 2;
  const deviation = Math.max(...late) - middle;
  return { ...half, deviation, phaseSeconds: half.phaseSeconds + middle / half.rate };
};

/** Deviations from here on are looked at for a pattern of two, with this many pictures at least. */
const PATTERN_DEVIATION = 0.1;
const LEAST_FOR_PATTERN = 12;

/** A pattern of two leaves hardly any deviation in every second picture. */
const PATTERN_GAIN = 0.2;

/** A picture at some ticks and none at others, never two at one. */
const pausingGrid = (
  times: readonly number[],
  lively: number,
  likelyRates: readonly number[],
): Grid | null => {
  const near = likelyRates.filter((rate) => Math.abs(rate * lively - 1) <= NEAR);
  const grids = [1 / lively, ...near]
    .map((rate) => {
      const ticks = [0];
      for (const interval of intervals(times)) {
        ticks.push((ticks.at(-1) ?? 0) + Math.round(interval * rate));
      }
      const isOneEach = ticks.every((each, index) => index === 0 || each > (ticks[index - 1] ?? 0));
      return isOneEach ? gridOf(times, ticks) : null;
    })
    .filter((grid) => grid !== null)
    .sort((a, b) => a.deviation - b.deviation);
  const [best] = grids;
  return best !== undefined && best.deviation <= MAX_DEVIATION_WITH_PAUSES ? best : null;
};

/** The straight line through times over ticks, by least squares. */
const gridOf = (times: readonly number[], ticks: readonly number[]): Grid => {
  const count = times.length;
  const meanTime = times.reduce((sum, time) => sum + time, 0) / count;
  const meanTick = ticks.reduce((sum, tick) => sum + tick, 0) / count;
  let above = 0;
  let below = 0;
  times.forEach((time, index) => {
    const distance = (ticks[index] ?? 0) - meanTick;
    above += distance * (time - meanTime);
    below += distance * distance;
  });
  const interval = above / below;
  const phaseSeconds = meanTime - interval * meanTick;
  const deviation = Math.max(
    ...times.map((time, index) => Math.abs((time - phaseSeconds) / interval - (ticks[index] ?? 0))),
  );
  const span = (ticks.at(-1) ?? 1) - (ticks[0] ?? 0);
  return { rate: 1 / interval, phaseSeconds, deviation, uncertainty: (2 * deviation) / span };
};
