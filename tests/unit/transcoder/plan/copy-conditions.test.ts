import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  COPY_CONDITIONS,
  obstacleInParameters,
} from "../../../../src/transcoder/plan/copy-conditions.ts";

const parameters = {
  ...{ profile: 100, isMainToo: true, level: 40, chromaFormat: 1, lumaBits: 8, chromaBits: 8 },
  ...{ isProgressive: true, macroblocks: { wide: 120, high: 68 }, width: 1920, height: 1080 },
  ...{ sampleAspect: null, fullRange: false, primaries: 1, transfer: 1, matrix: 1 },
} as const;

const obstacle = (change: Partial<Parameters<typeof obstacleInParameters>[0]>, rate = 30) =>
  obstacleInParameters({ ...parameters, ...change }, { width: 1920, height: 1080 }, rate);

describe("the conditions of a copy", () => {
  test("stand in the documentation as they stand in the code", async () => {
    const text = await Bun.file(join(import.meta.dir, "../../../../docs/sources.md")).text();
    const squeezed = text.replaceAll(/ +/g, " ");
    for (const { requires, because } of Object.values(COPY_CONDITIONS)) {
      expect(squeezed).toContain(`| ${requires} | ${because} |`);
    }
  });

  test.each([
    ["High", {}, 30, null],
    ["Main", { profile: 77 }, 30, null],
    ["Constrained Baseline", { profile: 66 }, 30, null],
    ["Baseline", { profile: 66, isMainToo: false }, 30, "profile"],
    ["Extended", { profile: 88 }, 30, "profile"],
    ["High 10", { profile: 110, lumaBits: 10 }, 30, "profile"],
    ["High with 4:0:0", { chromaFormat: 0 }, 30, "format"],
    ["fields", { isProgressive: false }, 30, "format"],
    ["level 4.2 at 60 pictures a second", { level: 42 }, 60, null],
    ["level 4.0 at 60 pictures a second", {}, 60, "level"],
    ["level 3.1", { level: 31 }, 30, "level"],
    ["level 5.0", { level: 50 }, 30, "level"],
    ["a level that does not exist", { level: 43 }, 30, "level"],
    ["another size", { height: 1088 }, 30, "size"],
    ["square pixels", { sampleAspect: { width: 4, height: 4 } }, 30, null],
    ["wide pixels", { sampleAspect: { width: 4, height: 3 } }, 30, "size"],
    ["no tags", { primaries: 2, transfer: 2, matrix: 2 }, 30, null],
    ["BT.601", { matrix: 6 }, 30, "colour"],
    ["BT.2020 primaries", { primaries: 9 }, 30, "colour"],
    ["PQ", { transfer: 16 }, 30, "colour"],
    ["full range", { fullRange: true }, 30, "colour"],
  ] as const)("%s", (_, change, rate, expected) => {
    expect(obstacle(change, rate)).toBe(expected);
  });
});
