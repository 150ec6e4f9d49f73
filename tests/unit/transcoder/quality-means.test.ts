import { expect, test } from "bun:test";
import { QualityMeans } from "../../../src/transcoder/quality-means.ts";

test("the mean over all pictures, not over the segments", () => {
  const qualities = new QualityMeans();
  qualities.add("v/360", 120, 0.98);
  qualities.add("v/360", 120, 0.96);
  qualities.add("v/720", 100, 0.5);
  qualities.add("v/360", 1, 0.5);
  expect(qualities.of("v/360")).toBe(0.968);
  expect(qualities.of("v/720")).toBe(0.5);
});

test("nothing known, no figure", () => {
  expect(new QualityMeans().of("v/360")).toBeNull();
});
