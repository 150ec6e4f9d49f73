import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { chooseFrameTiming } from "../../../../src/transcoder/plan/frame-rate.ts";
import { FrameClock } from "../../../../src/transcoder/render/frame-clock.ts";
import {
  type Rational,
  toNumber,
  type VideoFacts,
} from "../../../../src/transcoder/source-facts.ts";

const rational = (numerator: number, denominator = 1): Rational => ({ numerator, denominator });

type Source = {
  /** Times of all pictures. */
  readonly times: readonly number[];
  readonly average?: Rational;
  readonly base?: Rational;
  readonly averageIsExact?: boolean;
  readonly perField?: boolean;
  readonly originSeconds?: number;
};

/** As many of the times as a probe looks at, in one place. */
const SAMPLED = 134;

const timingOf = ({ times, average, base, averageIsExact, perField, originSeconds }: Source) => {
  const video = {
    averageRate: average ?? rational(0, 0),
    baseRate: base ?? rational(0, 0),
    averageIsExact: averageIsExact ?? false,
    pictureTimes: [times.slice(0, SAMPLED)],
  } as unknown as VideoFacts;
  return chooseFrameTiming({
    video,
    perField: perField ?? false,
    originSeconds: originSeconds ?? 0,
    durationSeconds: (times.at(-1) ?? 0) - (times[0] ?? 0) + 0.02,
  });
};

const rateOf = (source: Source): string => {
  const { numerator, denominator } = timingOf(source).rate;
  return `${numerator}/${denominator}`;
};

/** Which picture is shown at each tick. */
const shown = (source: Source): number[] => {
  const { rate, zeroSeconds } = timingOf(source);
  const clock = new FrameClock<number>(0, Number.POSITIVE_INFINITY);
  const tickOf = (time: number) => Math.round((time - zeroSeconds) * toNumber(rate));
  const showings = source.times.map((time, index) => clock.push(index, tickOf(time)).shown);
  return [...showings, clock.finish(1)].flatMap((showing) =>
    showing === null ? [] : Array<number>(showing.to - showing.from).fill(showing.picture),
  );
};

const count = (length: number): number[] => Array.from({ length }, (_, index) => index);
const constant = (rate: number, seconds: number, clock = 0, start = 0): number[] =>
  count(Math.round(rate * seconds)).map((index) => rounded(start + index / rate, clock));
/** A clock of so many ticks per second; 0: exact. */
const rounded = (time: number, clock: number): number =>
  clock === 0 ? time : Math.round(time * clock) / clock;

describe("a constant rate: every picture once, in order, none left out and none repeated", () => {
  const rates = [
    5,
    10,
    12,
    12.5,
    14.985,
    15,
    18,
    24000 / 1001,
    23.98,
    24,
    25,
    28.7,
    30000 / 1001,
    29.9,
    30,
    36.5,
    48,
    50,
    60000 / 1001,
    60,
  ];
  const clocks = { exact: 0, "of 1 ms": 1000, "of 90 kHz": 90_000, "of 1/600 s": 600 };
  for (const [name, clock] of Object.entries(clocks)) {
    test.each(rates)(
      `%p per second on a clock ${name}, for two minutes, from any start`,
      (rate) => {
        for (const start of [0, 0.4 / rate, 0.021, 1.4]) {
          const source = {
            times: constant(rate, 120, clock, start),
            originSeconds: Math.max(0, start - 0.4 / rate),
          };
          const pictures = shown(source);
          expect(pictures).toEqual(count(pictures.length));
          expect(pictures.length).toBe(source.times.length);
        }
      },
    );
  }

  test("above 60 the same number of pictures is left out between every two", () => {
    const expected = { 75: 2, 90: 2, 100: 2, 119.88: 2, 120: 2, 144: 3, 165: 3, 240: 4 };
    for (const [rate, step] of Object.entries(expected)) {
      for (const clock of [0, 1000, 90_000]) {
        const pictures = shown({ times: constant(Number(rate), 60, clock) });
        const steps = pictures
          .slice(1, -1)
          .map((picture, index) => picture - (pictures[index] ?? 0));
        expect([rate, clock, new Set(steps)]).toEqual([rate, clock, new Set([step])]);
      }
    }
  });

  test("below 5 every picture stays equally long", () => {
    for (const rate of [2, 1, 0.5, 1 / 13, 1 / 60]) {
      const pictures = shown({ times: constant(rate, 600) });
      const runs = new Map<number, number>();
      for (const picture of pictures.slice(0, pictures.lastIndexOf(pictures.at(-1) ?? 0)))
        runs.set(picture, (runs.get(picture) ?? 0) + 1);
      const lengths = [...runs.values()].slice(0, -1);
      expect(new Set(lengths).size).toBeLessThanOrEqual(1);
    }
  });

  test("what the header says does not matter when the timestamps say otherwise", () => {
    for (const header of [
      [600, 1],
      [90_000, 1],
      [1000, 1],
      [1, 100_000],
      [15, 1],
      [0, 0],
    ] as const) {
      const lie = rational(header[0], header[1]);
      expect(rateOf({ times: constant(30, 10, 1000), average: lie, base: lie })).toBe("30/1");
    }
  });

  test("23.976 is told from 24 and 29.97 from 30, on a millisecond clock and within two seconds", () => {
    for (const [rate, name] of [
      [24000 / 1001, "24000/1001"],
      [24, "24/1"],
      [30000 / 1001, "30000/1001"],
      [30, "30/1"],
      [60000 / 1001, "60000/1001"],
      [60, "60/1"],
    ] as const) {
      expect(rateOf({ times: constant(rate, 2.5, 1000) })).toBe(name);
    }
  });

  test("film at the pace of television, three fields and two in turn, gets its own rate back", () => {
    const times = count(240).map(
      (index) => (Math.floor(index / 2) * 5 + (index % 2) * 3) * (1001 / 60_000),
    );
    expect(rateOf({ times })).toBe("24000/1001");
    expect(shown({ times })).toEqual(count(240));
  });

  test("the exact average of a file refines what a sample shows", () => {
    const times = constant(29.95, 600, 1000);
    const source = { times, average: rational(2995, 100), averageIsExact: true };
    expect(rateOf(source)).toBe("599/20");
    expect(shown(source)).toEqual(count(times.length));
  });
});

describe("a varying rate: every picture within half a tick of its time", () => {
  const check = (source: Source): void => {
    const { rate, zeroSeconds } = timingOf(source);
    const tick = 1 / toNumber(rate);
    const firstTick = new Map<number, number>();
    shown(source).forEach((picture, at) => {
      if (!firstTick.has(picture)) firstTick.set(picture, at);
    });
    for (const [picture, at] of firstTick) {
      const shownAt = zeroSeconds + at * tick;
      expect(Math.abs(shownAt - (source.times[picture] ?? 0))).toBeLessThanOrEqual(tick / 2 + 1e-9);
    }
    expect(firstTick.size).toBeGreaterThan(source.times.length * LEAST_SHOWN);
  };
  /** A tenth of the pictures may come in bursts that are faster than the lively parts. */
  const LEAST_SHOWN = 0.9;

  test("a phone's jitter", () => {
    const times = count(300).map((index) => index / 30 + 0.004 * Math.sin(index * 7));
    const pictures = shown({ times });
    expect(pictures).toEqual(count(300));
    check({ times });
  });

  test("a phone that misses pictures in the dark", () => {
    const times = constant(30, 20, 90_000).filter(
      (_, index) => index % 11 !== 3 && index % 17 !== 5,
    );
    expect(rateOf({ times, average: rational(2531, 100) })).toBe("30/1");
    check({ times });
  });

  test("a screen recording: still, and 60 per second in bursts", () => {
    const burst = constant(60, 1, 1000);
    const times = [0, 12, 40].flatMap((start) => burst.map((time) => start + time));
    expect(rateOf({ times, average: rational(45, 10), base: rational(1000) })).toBe("60/1");
    check({ times });
  });

  test("any gaps", () => {
    const gaps = fc.array(fc.integer({ min: 17, max: 400 }), {
      minLength: 2,
      maxLength: SAMPLED - 1,
    });
    fc.assert(
      fc.property(gaps, (all) => {
        const times = [0];
        for (const gap of all) times.push((times.at(-1) ?? 0) + gap / 1000);
        const { rate, zeroSeconds } = timingOf({ times });
        const tick = 1 / toNumber(rate);
        let before = -1;
        for (const [at, picture] of shown({ times }).entries()) {
          if (picture === before) continue;
          before = picture;
          expect(Math.abs(zeroSeconds + at * tick - (times[picture] ?? 0))).toBeLessThanOrEqual(
            tick / 2 + 1e-9,
          );
        }
      }),
    );
  });

  test("two places of different rates get the faster one", () => {
    const video = {
      averageRate: rational(35),
      baseRate: rational(0, 0),
      averageIsExact: false,
      pictureTimes: [constant(20, 3), constant(50, 2, 0, 100)],
    } as unknown as VideoFacts;
    const request = { perField: false, originSeconds: 0, durationSeconds: 200 };
    expect(chooseFrameTiming({ ...request, video }).rate).toEqual(rational(50));
  });
});

test("pictures that lie years apart still have a rate", () => {
  const { numerator, denominator } = timingOf({ times: count(6).map((n) => n * 2 ** 31) }).rate;
  expect(numerator / denominator).toBeGreaterThan(0);
});

test("fields double the rate of frames", () => {
  expect(rateOf({ times: constant(25, 5), perField: true })).toBe("50/1");
  expect(rateOf({ times: constant(30000 / 1001, 5), perField: true })).toBe("60000/1001");
});
