import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  firstPicture,
  gopOf,
  regularTimeline,
  segmentOf,
  type Timeline,
} from "../../../../src/transcoder/plan/timeline.ts";

const regular = regularTimeline(50, 2);

const given = (starts: readonly number[]): Timeline => ({
  ...regular,
  given: { starts, keys: starts },
});

/** Rising starts from 0, at most one regular segment apart, as a plan makes them. */
const starts = fc
  .array(fc.integer({ min: 1, max: regular.segmentFrames }), { maxLength: 40 })
  .map((gaps) => {
    let start = 0;
    return [0, ...gaps.map((gap) => (start += gap))];
  });

const timelines = fc.oneof(fc.constant(regular), starts.map(given));

describe("a timeline", () => {
  test("regular segments have one length, to infinity", () => {
    expect([0, 1, 7].map((segment) => firstPicture(regular, segment))).toEqual([0, 100, 700]);
    expect(firstPicture(regular, Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect([0, 99, 100].map((picture) => segmentOf(regular, picture))).toEqual([0, 0, 1]);
  });

  test("given segments begin where they are given, and regular ones follow", () => {
    const timeline = given([0, 30, 95]);
    expect([0, 1, 2, 3, 4].map((segment) => firstPicture(timeline, segment))).toEqual([
      0, 30, 95, 195, 295,
    ]);
    expect(firstPicture(timeline, Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect([0, 29, 30, 94, 95, 194, 195].map((picture) => segmentOf(timeline, picture))).toEqual([
      0, 0, 1, 1, 2, 2, 3,
    ]);
  });

  test("GOPs are counted over the whole presentation", () => {
    expect([0, 49, 50, 100].map((picture) => gopOf(regular, picture))).toEqual([0, 0, 1, 2]);
    const timeline: Timeline = { ...regular, given: { starts: [0, 60], keys: [0, 30, 60] } };
    expect([0, 29, 30, 60, 109, 110].map((picture) => gopOf(timeline, picture))).toEqual([
      0, 0, 1, 2, 2, 3,
    ]);
  });

  test("a picture lies in the segment that begins at or before it, and not in the next", () => {
    fc.assert(
      fc.property(timelines, fc.nat(10_000), (timeline, picture) => {
        const segment = segmentOf(timeline, picture);
        expect(firstPicture(timeline, segment)).toBeLessThanOrEqual(picture);
        expect(firstPicture(timeline, segment + 1)).toBeGreaterThan(picture);
      }),
    );
  });
});
