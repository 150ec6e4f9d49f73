import { expect, test } from "bun:test";
import { languageChoices, languageName, languageOfFileName } from "../../../src/web/languages.ts";

test.each([
  ["film.de.srt", "de"],
  ["film.PT-br.vtt", "pt-BR"],
  ["film_en.forced.ass", "en"],
  ["The film (2026) - fr.srt", "fr"],
  ["film.srt", null],
  ["film.qq.srt", null],
  ["", null],
])("the language in %j is %j", (name, language) => {
  expect(languageOfFileName(name)).toBe(language);
});

test("the browser's languages and the one that is set are offered, each once, by name", () => {
  const choices = languageChoices(["de", "gsw", "und"]);
  expect(choices.filter(({ tag }) => tag === "de")).toHaveLength(1);
  expect(choices.map(({ tag }) => tag)).toContain("gsw");
  expect(choices.map(({ tag }) => tag)).not.toContain("und");
  expect(choices[0]?.name).toBe("Albanian");
});

test("what has no name is called by its tag", () => {
  expect(languageName("und")).toBe("Unknown");
  expect(languageName("qq")).toBe("qq");
  expect(languageName("not a tag")).toBe("not a tag");
});
