import { expect, test } from "bun:test";
import { planPoster } from "../../../../src/transcoder/plan/poster-plan.ts";

test("a tenth into the source first, then further pictures up to its middle", () => {
  expect(planPoster(60, 25)).toEqual([150, 225, 300, 450, 600, 750]);
});

test("a poster of a long film comes early", () => {
  const [first = 0, ...others] = planPoster(7200, 25);
  expect(first).toBe(20 * 25);
  expect(Math.max(...others)).toBe(100 * 25);
});

test("a clip of a few pictures has few candidates, none twice", () => {
  expect(planPoster(0.2, 30)).toEqual([0, 1, 2, 3]);
});

test("without a length the first half minute is looked at", () => {
  expect(planPoster(null, 30)).toEqual([30, 60, 120, 240, 480, 960]);
});
