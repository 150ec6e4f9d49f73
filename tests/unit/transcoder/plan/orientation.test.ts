import { expect, test } from "bun:test";
import { orientationOf } from "../../../../src/transcoder/plan/orientation.ts";

/** 16.16 fixed point, as in the file. */
const matrix = (a: number, b: number, c: number, d: number): number[] =>
  [a, b, 0, c, d, 0, 0, 0, 16384].map((value) => value * 65536);

test.each([
  ["upright", matrix(1, 0, 0, 1), [], false],
  ["a quarter turn clockwise", matrix(0, 1, -1, 0), ["transpose=clock"], true],
  ["half a turn", matrix(-1, 0, 0, -1), ["hflip", "vflip"], false],
  ["a quarter turn the other way", matrix(0, -1, 1, 0), ["transpose=cclock"], true],
  ["mirrored top to bottom", matrix(1, 0, 0, -1), ["vflip"], false],
  ["mirrored left to right", matrix(-1, 0, 0, 1), ["hflip"], false],
  ["mirrored and turned", matrix(0, 1, 1, 0), ["transpose=cclock_flip"], true],
  ["30 degrees, which nobody means", matrix(0.866, 0.5, -0.5, 0.866), [], false],
  ["zeros", matrix(0, 0, 0, 0), [], false],
] as const)("%s", (_, values, filters, swapsSides) => {
  expect(orientationOf([...values])).toEqual({ filters: [...filters], swapsSides });
});

test("no matrix, no turn", () => {
  expect(orientationOf(null)).toEqual({ filters: [], swapsSides: false });
});
