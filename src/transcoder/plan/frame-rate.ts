import { type Rational, toNumber } from "../source-facts.ts";
import { MAX_FRAME_RATE, MIN_FRAME_RATE } from "./ladder.ts";

/** Rates that cameras and editors use; anything else is rounded to a neighbour of its own. */
const STANDARD_RATES: readonly Rational[] = [
  [24000, 1001],
  [24, 1],
  [25, 1],
  [30000, 1001],
  [30, 1],
  [48, 1],
  [50, 1],
  [60000, 1001],
  [60, 1],
].map(([numerator = 0, denominator = 1]) => ({ numerator, denominator }));

/** An average this close to a standard rate is that rate, measured over a file that starts or ends unevenly. */
const SNAP = 0.01;

/** Averages outside of this range come from broken headers. */
const BELIEVABLE = { from: 1, to: 1000 } as const;

const DEFAULT_RATE: Rational = { numerator: 30, denominator: 1 };

const nearest = (rate: number): Rational | undefined =>
  STANDARD_RATES.filter((candidate) => Math.abs(toNumber(candidate) / rate - 1) <= SNAP).sort(
    (a, b) => Math.abs(toNumber(a) - rate) - Math.abs(toNumber(b) - rate),
  )[0];

const believable = (rate: number): boolean => rate >= BELIEVABLE.from && rate <= BELIEVABLE.to;

/**
 * The constant rate of all renditions: the source's own, between 5 and 60 frames per second. A
 * source of varying rate gets the next standard rate above its average, so that no picture is lost
 * on average and none is invented above 60.
 */
export const chooseFrameRate = (average: Rational, base: Rational): Rational => {
  const measured = toNumber(average);
  const rate = believable(measured) ? measured : toNumber(base);
  if (!believable(rate)) return DEFAULT_RATE;
  const standard = nearest(rate);
  if (standard !== undefined) return standard;
  if (rate > MAX_FRAME_RATE) return halveUntilAllowed(rate);
  const isConstant = Math.abs(toNumber(base) / rate - 1) <= SNAP;
  if (isConstant && rate >= MIN_FRAME_RATE) {
    return inThousandths(rate);
  }
  const above = STANDARD_RATES.find((candidate) => toNumber(candidate) > rate);
  if (rate >= MIN_FRAME_RATE) return above ?? DEFAULT_RATE;
  return { numerator: MIN_FRAME_RATE, denominator: 1 };
};

/** 120 becomes 60 and 100 becomes 50: every second picture is dropped, which looks even; 90 becomes 45. */
const halveUntilAllowed = (rate: number): Rational => {
  let divided = rate;
  while (divided > MAX_FRAME_RATE * (1 + SNAP)) divided /= 2;
  return nearest(divided) ?? inThousandths(divided);
};

const inThousandths = (rate: number): Rational => {
  const numerator = Math.round(rate * 1000);
  const divisor = greatestCommonDivisor(numerator, 1000);
  return { numerator: numerator / divisor, denominator: 1000 / divisor };
};

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);
