import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { movTextCue } from "../../../src/text/mov-text.ts";

const time = { startSeconds: 1, endSeconds: 2 };
const bigEndian = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, index) => (value / 256 ** (bytes - 1 - index)) & 255);
const sample = (text: Uint8Array, ...boxes: number[][]) =>
  new Uint8Array([...bigEndian(text.length, 2), ...text, ...boxes.flat()]);
const box = (name: string, content: number[]) => [
  ...bigEndian(8 + content.length, 4),
  ...Buffer.from(name),
  ...content,
];
const style = (start: number, end: number, face: number) => [
  ...bigEndian(start, 2),
  ...bigEndian(end, 2),
  ...[0, 1, face, 18, 255, 255, 255, 255],
];

describe("a sample of 3GPP timed text", () => {
  test("is its text, with styles by character and not by byte", () => {
    const styles = [...bigEndian(2, 2), ...style(0, 2, 1), ...style(3, 5, 2 | 4)];
    const { text } = movTextCue(
      time,
      sample(Buffer.from("😀ü & ok"), box("hlit", [0, 0, 0, 1]), box("styl", styles)),
    );
    expect(text).toBe("<b>😀ü</b> <i><u>&amp; </u></i>ok");
  });

  test("may be in UTF-16", () => {
    const bytes = Buffer.from("\ufeffGrüße", "utf16le").swap16();
    expect(movTextCue(time, sample(bytes)).text).toBe("Grüße");
  });

  test("one without text is empty", () => {
    expect(movTextCue(time, sample(new Uint8Array())).text).toBe("");
    expect(movTextCue(time, new Uint8Array()).text).toBe("");
  });

  test("styles that overlap, run backwards or reach beyond are passed over or cut", () => {
    const styles = [...bigEndian(9, 2), ...style(0, 3, 1), ...style(2, 4, 2), ...style(3, 999, 4)];
    expect(movTextCue(time, sample(Buffer.from("abcdef"), box("styl", styles))).text).toBe(
      "<b>abc</b><u>def</u>",
    );
  });

  test("any bytes are read without an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(movTextCue(time, bytes).text.isWellFormed()).toBe(true);
      }),
    );
  });
});
