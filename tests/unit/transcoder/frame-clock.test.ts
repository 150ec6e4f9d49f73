import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FrameClock } from "../../../src/transcoder/render/frame-clock.ts";

/** Which picture (by its index) is shown at each tick. */
const shown = (ticks: readonly number[], from = 0, to = Number.POSITIVE_INFINITY): number[] => {
  const clock = new FrameClock<number>(from, to);
  const showings = ticks.map((tick, picture) => clock.push(picture, tick).shown);
  showings.push(clock.finish(1));
  let next = from;
  return showings.flatMap((showing) => {
    if (showing === null) return [];
    expect(showing.from).toBe(next);
    next = showing.to;
    return Array<number>(showing.to - showing.from).fill(showing.picture);
  });
};

describe("pictures at a constant rate", () => {
  test.each([
    ["one each", [0, 1, 2, 3], [0, 1, 2, 3]],
    ["a gap repeats the picture before it", [0, 1, 4], [0, 1, 1, 1, 2]],
    ["of two in one tick the later one is shown", [0, 1, 1, 2], [0, 2, 3]],
    ["a late start shows the first picture from zero", [2, 3], [0, 0, 0, 1]],
    ["times that go back do not repeat what was shown", [0, 3, 1, 4], [0, 0, 0, 2, 3]],
  ])("%s", (_, ticks, expected) => {
    expect(shown(ticks)).toEqual(expected);
  });

  test("a run that starts in the middle shows what a whole run shows there", () => {
    const steps = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.nat(50), fc.integer({ min: 1, max: 30 }), (gaps, from, length) => {
        let tick = 0;
        const ticks = gaps.map((gap) => {
          tick += gap;
          return tick;
        });
        const whole = shown(ticks);
        // A seek lands on some picture at or before the first tick that is asked for.
        const start = Math.max(
          0,
          ticks.findLastIndex((each) => each <= from),
        );
        const part = shown(ticks.slice(start), from, from + length).map(
          (picture) => picture + start,
        );
        expect(part).toEqual(whole.slice(from, from + length));
      }),
    );
  });
});
