import { expect, test } from "bun:test";
import { cutShort } from "../../../src/transcoder/cut-short.ts";

const codes = (durationSeconds: number | null, originSeconds: number, made: number) =>
  cutShort({ durationSeconds, originSeconds }, made).map(({ code }) => code);

test("less than the header says is told, rounding and a late start are not", () => {
  expect(codes(10, 0, 5)).toEqual(["source_cut_short"]);
  expect(codes(10, 0, 9.7)).toEqual([]);
  expect(codes(7200, 0, 7100)).toEqual([]);
  expect(codes(7200, 0, 7000)).toEqual(["source_cut_short"]);
  expect(codes(102, 100, 2)).toEqual([]);
  expect(codes(null, 0, 2)).toEqual([]);
});
