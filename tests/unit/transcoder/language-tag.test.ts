import { expect, test } from "bun:test";
import { languageTag } from "../../../src/transcoder/language-tag.ts";

test.each([
  ["eng", "en"],
  ["ENG", "en"],
  ["deu", "de"],
  ["ger", "de"],
  ["chi", "zh"],
  ["gsw", "gsw"],
  ["pt", "pt"],
  ["und", "und"],
  ["", "und"],
  ["../x", "und"],
])("%p becomes %p", (code, tag) => {
  expect(languageTag(code)).toBe(tag);
});
