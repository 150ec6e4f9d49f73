import { expect, test } from "bun:test";
import { languageTag, mediaHeaderLanguage } from "../../../src/transcoder/language-tag.ts";

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

test.each([
  ["ger", "deu"],
  ["fre", "fra"],
  ["eng", "eng"],
  ["und", "und"],
])("a header says %p as %p", (code, said) => {
  expect(mediaHeaderLanguage(code)).toBe(said);
});
