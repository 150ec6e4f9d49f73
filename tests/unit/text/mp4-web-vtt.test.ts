import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { BoxedCues } from "../../../src/text/mp4-web-vtt.ts";

const box = (name: string, content: Uint8Array): Uint8Array => {
  const bytes = Buffer.alloc(8 + content.length);
  bytes.writeUInt32BE(bytes.length);
  bytes.write(name, 4, "latin1");
  bytes.set(content, 8);
  return bytes;
};
const cue = (text: string, settings = "") =>
  box("vttc", Buffer.concat([box("sttg", Buffer.from(settings)), box("payl", Buffer.from(text))]));

test("what overlapping cues are cut into is joined again", () => {
  const boxed = new BoxedCues();
  const samples: [number, number, Uint8Array][] = [
    [0, 1, box("vtte", Buffer.alloc(0))],
    [1, 2, cue("<i>first", "line:0 bogus:1")],
    [2, 3, Buffer.concat([cue("<i>first", "line:0"), cue("second")])],
    [3, 4, cue("second")],
    [4, 5, box("vtte", Buffer.alloc(0))],
    [5, 6, cue("second")],
  ];
  const cues = samples.flatMap(([startSeconds, endSeconds, sample]) =>
    boxed.take({ startSeconds, endSeconds }, sample),
  );
  expect([...cues, ...boxed.finish()]).toEqual([
    { startSeconds: 1, endSeconds: 3, text: "<i>first</i>", settings: "line:0" },
    { startSeconds: 2, endSeconds: 4, text: "second", settings: "" },
    { startSeconds: 5, endSeconds: 6, text: "second", settings: "" },
  ]);
});

test("any bytes are read without an error", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom(cue("x"), Buffer.from([0, 0, 0, 0]), Buffer.from([255, 255, 255, 255])),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const boxed = new BoxedCues();
      boxed.take({ startSeconds: 0, endSeconds: 1 }, Buffer.concat(pieces));
      expect(boxed.finish().every(({ text }) => text.isWellFormed())).toBe(true);
    }),
  );
});
