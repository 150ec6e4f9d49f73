import { describe, expect, test } from "bun:test";
import {
  improveTop,
  planRungs,
  splitEmptyRungs,
} from "../../../../src/transcoder/plan/rung-plan.ts";

const rungs = planRungs({ width: 1920, height: 1080 });
const ENLARGED = 0.25;
const SHARP = 0.45;
const split = (losses: Record<string, number>, octaveRatio = ENLARGED) => {
  const { made, empty } = splitEmptyRungs(
    rungs,
    Object.entries(losses).map(([rungId, rms]) => ({ rungId, rms, octaveRatio })),
  );
  return [made, empty].map((part) => part.map(({ id }) => id));
};

describe("rungs that show nothing more than the one below", () => {
  test.each([
    ["nothing measured: all are made", {}, [["360", "720", "1080"], []]],
    ["a sharp source: all are made", { 1080: 6, 720: 9 }, [["360", "720", "1080"], []]],
    ["one code value is a difference", { 1080: 1, 720: 9 }, [["360", "720", "1080"], []]],
    ["720 lines enlarged", { 1080: 0.8, 720: 4 }, [["360", "720"], ["1080"]]],
    ["a film of long ago", { 1080: 0.3, 720: 0.6 }, [["360"], ["720", "1080"]]],
    ["a gap in the middle stays", { 1080: 2, 720: 0.6 }, [["360", "720", "1080"], []]],
  ] as const)("%s", (_, losses, expected) => {
    expect(split(losses)).toEqual(expected.map((part) => [...part]));
  });

  test("a soft picture that was never enlarged keeps all of its rungs", () => {
    expect(split({ 1080: 0.8, 720: 0.9 }, SHARP)).toEqual([["360", "720", "1080"], []]);
  });
});

test("the highest rung of a small source is encoded better than the same rung below others", () => {
  const crfs = (shortSide: number) =>
    improveTop(planRungs({ width: (shortSide * 16) / 9, height: shortSide })).map(
      ({ x264 }) => x264.crf,
    );
  expect(crfs(1080)).toEqual([22, 23, 21]);
  expect(crfs(720)).toEqual([22, 18]);
  expect(crfs(240)).toEqual([20]);
});
