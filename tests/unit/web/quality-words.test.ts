import { expect, test } from "bun:test";
import { formatLikeness, qualityWords } from "../../../src/web/quality-words.ts";

test.each([
  [1, "Looks the same"],
  [0.99, "Looks the same"],
  [0.981, "Very close"],
  [0.92, "Slightly worse"],
  [0.6, "Visibly worse"],
  [0.1, "Much worse"],
])("a likeness of %p in words", (ssim, words) => {
  expect(qualityWords(ssim)).toBe(words);
});

test("nothing that lost something is 100 %", () => {
  expect(formatLikeness(1)).toBe("100.0 %");
  expect(formatLikeness(0.9999)).toBe("99.9 %");
  expect(formatLikeness(0.981)).toBe("98.1 %");
  expect(formatLikeness(0.1767)).toBe("17.6 %");
});
