import { type Rational, toNumber, type VideoFacts } from "../source-facts.ts";
import { MAX_FRAME_RATE, MIN_FRAME_RATE } from "./ladder.ts";
import { measurePace, type Pace } from "./pace.ts";

/** The output's clock and how the source's pictures lie on it. */
export type FrameTiming = {
  /** Constant rate of all renditions; picture `n` is shown at `n / rate`. */
  readonly rate: Rational;
  /** Time of the source that is tick 0, at most half a tick from the presentation's zero: pictures then lie on ticks, not between two. */
  readonly zeroSeconds: number;
  /** Time from one picture of the source to the next where it does not say. */
  readonly sourceFrameSeconds: number;
};

export type FrameTimingRequest = {
  readonly video: VideoFacts;
  /** Two pictures are made of each picture of the source: its fields. */
  readonly perField: boolean;
  /** Zero of the presentation in the source's time. */
  readonly originSeconds: number;
  /** Length of the source; null when unknown. */
  readonly durationSeconds: number | null;
};

/** Rates that cameras and editors use. */
const STANDARD_RATES: readonly Rational[] = [
  [10, 1],
  [12, 1],
  [25, 2],
  [15, 1],
  [20, 1],
  [24000, 1001],
  [24, 1],
  [25, 1],
  [30000, 1001],
  [30, 1],
  [48, 1],
  [50, 1],
  [60000, 1001],
  [60, 1],
  [100, 1],
  [120000, 1001],
  [120, 1],
  [240, 1],
].map(([numerator = 0, denominator = 1]) => ({ numerator, denominator }));

/** An irregular source, or a header that cannot be checked, means the standard rate this close. */
const ROUGH_SNAP = 0.05;
const HEADER_SNAP = 0.01;

/** Never nearer to a standard rate than this part counts as another one: half of what parts 30 from 29.97. */
const MAX_SNAP = 5e-4;

/** Rates outside of this range come from broken headers. */
const BELIEVABLE = { from: 1, to: 1000 } as const;

const DEFAULT_RATE = 30;

/** Further from its tick than this, in ticks of the output, a picture is rounded to another. */
const MOST_OFF_TICKS = 0.45;

/** Most that the denominator of an unusual rate takes: within a millionth of any rate, 12 hours stay within a tick. */
const MAX_DENOMINATOR = 1001;

/**
 * The output's rate: the source's own where its pictures come evenly, so that each is shown once and
 * none is left out; that of its lively parts where they do not. What timestamps show counts, headers
 * only refine it: phones, screen recorders and time bases of 600 or 90,000 make them say anything.
 *
 * Above 60 the rate is divided by the smallest whole number that brings it to 60 or less (120 to 60,
 * 144 to 48, 240 to 60): one picture in so many is shown, evenly. Below 5 it is multiplied the same
 * way, so that every picture stays equally long.
 */
export const chooseFrameTiming = (request: FrameTimingRequest): FrameTiming => {
  const { video, originSeconds, perField } = request;
  const named = [video.averageRate, video.baseRate].filter((rate) => believable(toNumber(rate)));
  const likely = [...named, ...STANDARD_RATES].map(toNumber);
  const pace = measurePace(video.pictureTimes, likely);
  const own = sourceRate(request, pace, named);
  const rate = perField ? multiplied(own, 2) : own;
  const sourceFrameSeconds = 1 / toNumber(own);
  const { divisor, rate: allowed } = intoRange(rate);
  const output = toNumber(allowed);
  // A source that is shown several ticks a picture can be even enough for its own rate, not for the output's.
  const isOnTicks = pace !== null && (pace.deviation * output) / pace.rate < MOST_OFF_TICKS;
  if (pace?.kind !== "regular" || !isOnTicks) {
    return { rate: allowed, zeroSeconds: originSeconds, sourceFrameSeconds };
  }
  // Of `divisor` pictures that share a tick the middle lies on it: jitter moves none across the edge.
  const middle = (divisor - 1) / (2 * divisor);
  const firstTick = (pace.phaseSeconds - originSeconds) * output + middle;
  // Half a tick after the zero still counts as at the zero, else the first picture would come twice.
  const zeroSeconds = originSeconds + (firstTick - Math.ceil(firstTick - 0.501)) / output;
  return { rate: allowed, zeroSeconds, sourceFrameSeconds };
};

const sourceRate = (
  { video, durationSeconds }: FrameTimingRequest,
  pace: Pace | null,
  named: readonly Rational[],
): Rational => {
  if (pace === null) {
    const [first = DEFAULT_RATE, second = first] = named.map(toNumber);
    const isConstant = Math.abs(first / second - 1) <= HEADER_SNAP;
    return (
      nearest(first, HEADER_SNAP, STANDARD_RATES) ??
      (isConstant ? fraction(first) : standardAbove(first))
    );
  }
  const { rate, kind, uncertainty } = pace;
  if (kind === "irregular") {
    return nearest(rate, ROUGH_SNAP, STANDARD_RATES) ?? standardAbove(rate);
  }
  // An index of every picture gives the average of the whole file, which no sample can.
  const average = toNumber(video.averageRate);
  const isWhole = video.averageIsExact && Math.abs(average / rate - 1) <= uncertainty + 1e-6;
  const exact = isWhole ? average : rate;
  const halfPicture = durationSeconds === null ? 0 : 0.5 / (durationSeconds * exact);
  const snap = Math.min(MAX_SNAP, Math.max(isWhole ? 0 : uncertainty, halfPicture, 1e-6));
  const whole = { numerator: Math.round(exact), denominator: 1 };
  const close = nearest(exact, snap, named) ?? nearest(exact, snap, [whole]);
  return nearest(exact, snap, STANDARD_RATES) ?? fraction(close ? toNumber(close) : exact);
};

const believable = (rate: number): boolean => rate >= BELIEVABLE.from && rate <= BELIEVABLE.to;

const nearest = (
  rate: number,
  tolerance: number,
  candidates: readonly Rational[],
): Rational | undefined =>
  candidates
    .filter((candidate) => Math.abs(toNumber(candidate) / rate - 1) <= tolerance)
    .sort((a, b) => Math.abs(toNumber(a) - rate) - Math.abs(toNumber(b) - rate))[0];

const standardAbove = (rate: number): Rational =>
  STANDARD_RATES.find((candidate) => toNumber(candidate) >= rate) ?? fraction(rate);

/** `divisor`: how many pictures of the source share one tick. */
const intoRange = (rate: Rational): { rate: Rational; divisor: number } => {
  const perSecond = toNumber(rate);
  // A trace above 60 is 60: one picture in hundreds is left out, not every second one.
  if (perSecond > MAX_FRAME_RATE && perSecond <= MAX_FRAME_RATE * (1 + HEADER_SNAP)) {
    return { rate: { numerator: MAX_FRAME_RATE, denominator: 1 }, divisor: 1 };
  }
  const divisor = Math.max(1, Math.ceil(perSecond / MAX_FRAME_RATE - 1e-9));
  if (divisor > 1) return { rate: divided(rate, divisor), divisor };
  const times = Math.max(1, Math.ceil(MIN_FRAME_RATE / perSecond - 1e-9));
  return { rate: multiplied(rate, times), divisor };
};

const multiplied = ({ numerator, denominator }: Rational, by: number): Rational =>
  reduced(numerator * by, denominator);

const divided = ({ numerator, denominator }: Rational, by: number): Rational =>
  reduced(numerator, denominator * by);

const reduced = (numerator: number, denominator: number): Rational => {
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
};

/** The best fraction with a small denominator: the last convergent of the continued fraction that has one. */
const fraction = (value: number): Rational => {
  // A picture in a quarter of an hour, or a header that lies; less would be no rate at all.
  if (value < 1 / MAX_DENOMINATOR) return { numerator: 1, denominator: MAX_DENOMINATOR };
  let [numerator, denominator] = [1, 0];
  let [lastNumerator, lastDenominator] = [0, 1];
  let rest = value;
  for (;;) {
    const whole = Math.floor(rest);
    const [nextNumerator, nextDenominator] = [
      whole * numerator + lastNumerator,
      whole * denominator + lastDenominator,
    ];
    if (nextDenominator > MAX_DENOMINATOR) break;
    [lastNumerator, lastDenominator] = [numerator, denominator];
    [numerator, denominator] = [nextNumerator, nextDenominator];
    if (Math.abs(numerator / denominator / value - 1) < 1e-9) break;
    rest = 1 / (rest - whole);
  }
  return { numerator, denominator };
};

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);
