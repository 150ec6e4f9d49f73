import { expect, test } from "bun:test";
import fc from "fast-check";
import { planStoryboard } from "../../../../src/transcoder/plan/storyboard-plan.ts";

const landscape = { width: 640, height: 360 };
const plan = (seconds: number | null, rate = 30, rung = landscape) =>
  planStoryboard(rung, {
    expectedFrames: seconds === null ? null : Math.max(1, Math.round(seconds * rate)),
    rate,
  });
const tiles = (seconds: number, { intervalFrames }: { intervalFrames: number }, rate = 30) =>
  Math.ceil((seconds * rate) / intervalFrames);

test.each([
  ["10 s", 10, 0.5],
  ["2 min", 120, 1],
  ["8 min", 480, 2],
  ["20 min", 1200, 5],
  ["90 min", 5400, 10],
  ["3 h", 3 * 3600, 20],
  ["12 h", 12 * 3600, 60],
] as const)("%s: dense for short clips, sparse for long films", (_, seconds, intervalSeconds) => {
  expect(plan(seconds).intervalFrames).toBe(30 * intervalSeconds);
});

test("never more than 720 tiles of a source of known length, whatever its rate", () => {
  const seconds = fc.double({ min: 0.05, max: 12 * 3600, noNaN: true });
  const rates = fc.constantFrom(5, 15, 24_000 / 1001, 25, 30, 50, 60);
  fc.assert(
    fc.property(seconds, rates, (length, rate) => {
      const made = plan(length, rate);
      // A table in seconds rounded to whole pictures: at 5 per second half a picture is 10 %.
      expect(tiles(length, made, rate)).toBeLessThanOrEqual(720 * 1.1);
      expect(made.columns * made.rows).toBeLessThanOrEqual(25);
      expect(made.columns * made.rows).toBeLessThan(tiles(length, made, rate) + 5);
    }),
  );
});

test("one picture makes a sheet of one tile", () => {
  expect(plan(0.01)).toMatchObject({ columns: 1, rows: 1 });
});

test("a length that nobody knows gets whole sheets at the spacing of an hour", () => {
  expect(plan(null)).toMatchObject({ columns: 5, rows: 5, intervalFrames: 300 });
});

test.each([
  ["16:9", 640, 360, [192, 108]],
  ["portrait", 360, 640, [108, 192]],
  ["square", 360, 360, [144, 144]],
  ["very wide", 4096, 64, [192, 4]],
  ["smaller than a tile", 16, 16, [16, 16]],
] as const)("tiles keep the shape of the picture: %s", (_, width, height, expected) => {
  const { tileWidth, tileHeight } = plan(10, 30, { width, height });
  expect([tileWidth, tileHeight]).toEqual([...expected]);
});
