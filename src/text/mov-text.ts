import type { Cue } from "./cue.ts";
import { cueText, type Piece, type Tag } from "./cue-text.ts";

/** Face style flags of a style record (3GPP TS 26.245 §5.2). */
const FACES: readonly (readonly [number, Tag])[] = [
  [1, "b"],
  [2, "i"],
  [4, "u"],
];

/** Bytes of a style record: two character offsets, font, face, size, colour. */
const RECORD_BYTES = 12;

/** More than this of one sample's text is not looked at. */
const MAX_TEXT_BYTES = 60_000;

const MAX_RECORDS = 500;

/**
 * One sample of 3GPP timed text (TS 26.245 §5.17.1), MP4's and QuickTime's subtitles: a length, the
 * text (UTF-8, or UTF-16 with a byte order mark) and modifier boxes, of which the styles count.
 */
export const movTextCue = (
  time: { readonly startSeconds: number; readonly endSeconds: number },
  sample: Uint8Array,
): Cue => {
  const view = new DataView(sample.buffer, sample.byteOffset, sample.byteLength);
  const length = sample.byteLength < 2 ? 0 : Math.min(view.getUint16(0), sample.byteLength - 2);
  const text = decode(sample.subarray(2, 2 + Math.min(length, MAX_TEXT_BYTES)));
  return { ...time, text: cueText(styled(text, styleRecords(view, 2 + length))), settings: "" };
};

const decode = (bytes: Uint8Array): string => {
  const [first, second] = bytes;
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  return new TextDecoder().decode(bytes);
};

type StyleRecord = { readonly start: number; readonly end: number; readonly face: number };

const styleRecords = (view: DataView, from: number): StyleRecord[] => {
  const records: StyleRecord[] = [];
  for (let at = from; at + 8 <= view.byteLength; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > view.byteLength) break;
    if (view.getUint32(at + 4) === STYL && size >= 10) {
      const count = Math.min(
        view.getUint16(at + 8),
        Math.floor((size - 10) / RECORD_BYTES),
        MAX_RECORDS,
      );
      for (let index = 0; index < count; index += 1) {
        const record = at + 10 + index * RECORD_BYTES;
        records.push({
          start: view.getUint16(record),
          end: view.getUint16(record + 2),
          face: view.getUint8(record + 6),
        });
      }
    }
    at += size;
  }
  return records;
};

/** The four letters `styl`. */
const STYL = 0x7374796c;

/** Offsets count characters; records are in order and do not overlap (§5.17.1.1), others are passed over. */
const styled = (text: string, records: readonly StyleRecord[]): Piece[] => {
  const characters = [...text];
  const pieces: Piece[] = [];
  let at = 0;
  const push = (end: number): void => {
    const part = characters.slice(at, end).join("");
    if (part !== "") pieces.push({ kind: "text", text: part });
    at = Math.max(at, Math.min(end, characters.length));
  };
  for (const { start, end, face } of records) {
    if (start < at || end <= start) continue;
    push(start);
    const tags = FACES.filter(([flag]) => (face & flag) !== 0).map(([, tag]) => tag);
    for (const tag of tags) pieces.push({ kind: "open", tag });
    push(end);
    for (const tag of tags.reverse()) pieces.push({ kind: "close", tag });
  }
  push(characters.length);
  return pieces;
};
