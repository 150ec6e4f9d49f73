import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { cleanTitle, titleFromFileName } from "../../../src/videos/title.ts";

describe("titles", () => {
  test.each([
    ["  My   film\n2 ", "My film 2"],
    ["a\u202Egpj.exe", "a gpj.exe"],
    ["\u0000\u0007", ""],
    ["Ünïcödé 🎬", "Ünïcödé 🎬"],
  ])("%j is kept as %j", (text, title) => {
    expect(cleanTitle(text)).toBe(title);
  });

  test.each([
    ["holiday.mp4", "holiday"],
    ["v1.2 final.mov", "v1.2 final"],
    ["C:\\films\\a.mkv", "a"],
    ["../../etc/passwd", "passwd"],
    [".mp4", ".mp4"],
    ["folder/", "Untitled"],
    ["no ending", "no ending"],
  ])("the file %j makes the title %j", (fileName, title) => {
    expect(titleFromFileName(fileName)).toBe(title);
  });

  test("any text makes a title of at most 200 characters that cleaning leaves alone", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400, unit: "binary" }), (text) => {
        const title = cleanTitle(text);
        expect(title.length).toBeLessThanOrEqual(200);
        expect(cleanTitle(title)).toBe(title);
        expect(titleFromFileName(text).length).toBeGreaterThan(0);
      }),
    );
  });
});
