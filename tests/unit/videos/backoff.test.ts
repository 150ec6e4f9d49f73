import { expect, test } from "bun:test";
import { retryDelaySeconds } from "../../../src/videos/backoff.ts";

test("the first retry follows within two seconds, each later one at twice the distance", () => {
  const earliest = [1, 2, 3, 4].map((failed) => retryDelaySeconds(failed, 0));
  const latest = [1, 2, 3, 4].map((failed) => retryDelaySeconds(failed, 0.999));
  expect(earliest).toEqual([1, 2, 4, 8]);
  expect(latest.map(Math.round)).toEqual([2, 4, 8, 16]);
});

test("no retry waits longer than five minutes", () => {
  expect(retryDelaySeconds(20, 0.5)).toBe(300);
});
