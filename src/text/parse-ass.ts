import { CueCollector, type CueList } from "./cue.ts";
import { keypadSettings } from "./cue-settings.ts";
import { cueText, type Piece, type Tag } from "./cue-text.ts";
import { linesOf } from "./parse-srt.ts";

/** More than this of one line is not looked at. */
const MAX_SOURCE_CHARACTERS = 20_000;

/** Fields of an ASS event before its text: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect. */
const FIELDS_BEFORE_TEXT = 9;

/** Fields before the text of what Matroska holds of it: ReadOrder, Layer, Style, Name, three margins, Effect. */
const MATROSKA_FIELDS_BEFORE_TEXT = 8;

/** A SubStation Alpha file, ASS (v4+) or SSA (v4): its dialogue, without styles and drawings. */
export const parseAss = (text: string): CueList => {
  const cues = new CueCollector();
  let fields = FIELDS_BEFORE_TEXT;
  let startField = 1;
  for (const line of linesOf(text)) {
    const [, kind, rest = ""] = /^(Format|Dialogue):\s*(.*)$/.exec(line) ?? [];
    if (kind === "Format") {
      const names = rest.split(",").map((name) => name.trim().toLowerCase());
      if (!names.includes("text")) continue; // the styles have a Format line too
      fields = names.length - 1;
      startField = Math.max(0, names.indexOf("start"));
    } else if (kind === "Dialogue") {
      const values = splitFields(rest, fields);
      const startSeconds = readAssTime(values[startField] ?? "");
      const endSeconds = readAssTime(values[startField + 1] ?? "");
      if (startSeconds === null || endSeconds === null) continue;
      if (!cues.add({ startSeconds, endSeconds, ...assText(values[fields] ?? "") })) break;
    }
  }
  return cues.finish();
};

/** One event as Matroska holds it; times are those of the block. */
export const assCue = (
  time: { readonly startSeconds: number; readonly endSeconds: number },
  event: string,
) => ({ ...time, ...assText(splitFields(event, MATROSKA_FIELDS_BEFORE_TEXT).at(-1) ?? "") });

/** The first `count` fields and the rest, which may hold commas. */
const splitFields = (line: string, count: number): string[] => {
  const fields: string[] = [];
  let at = 0;
  while (fields.length < count) {
    const comma = line.indexOf(",", at);
    if (comma < 0) break;
    fields.push(line.slice(at, comma).trim());
    at = comma + 1;
  }
  return [...fields, line.slice(at)];
};

/** `h:mm:ss.cc` */
const readAssTime = (text: string): number | null => {
  const match = /^(\d{1,4}):(\d{1,2}):(\d{1,2})(?:[.,:](\d{1,3}))?$/.exec(text);
  if (match === null) return null;
  const [, hours, minutes, seconds, fraction = "0"] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(`0.${fraction}`);
};

const STYLE_TAGS: Readonly<Record<string, Tag>> = { b: "b", i: "i", u: "u" };

/** Text of an event with its override blocks read: bold, italic, underline and the place are kept. */
const assText = (source: string): { text: string; settings: string } => {
  const pieces: Piece[] = [];
  let isDrawing = false;
  let settings = "";
  let at = 0;
  const text = source.slice(0, MAX_SOURCE_CHARACTERS);
  const push = (part: string): void => {
    if (part !== "" && !isDrawing) pieces.push({ kind: "text", text: assBreaks(part) });
  };
  for (const block of text.matchAll(/\{([^{}]*)\}/g)) {
    push(text.slice(at, block.index));
    at = block.index + block[0].length;
    for (const [, name = "", value = ""] of (block[1] ?? "").matchAll(OVERRIDE)) {
      const tag = STYLE_TAGS[name];
      if (tag !== undefined) pieces.push({ kind: value === "0" ? "close" : "open", tag });
      else if (name === "p") isDrawing = Number(value) > 0;
      else if (name === "an") settings ||= keypadSettings(Number(value));
      else if (name === "a") settings ||= keypadSettings(SSA_PLACES[Number(value)] ?? 2);
      else if (name === "r") pieces.push(...ALL_CLOSED);
    }
  }
  push(text.slice(at));
  return { text: cueText(pieces), settings };
};

/** The overrides that are looked at; a name is followed by its number, so `\blur1` and `\iclip` are others. */
const OVERRIDE = /\\(an|a|b|i|u|p|r)(\d*)(?![a-z])/gi;

/** SSA's places, which count the rows in another way, by ASS's. */
const SSA_PLACES: Readonly<Record<number, number>> = {
  1: 1,
  2: 2,
  3: 3,
  5: 7,
  6: 8,
  7: 9,
  9: 4,
  10: 5,
  11: 6,
};

const ALL_CLOSED: readonly Piece[] = (["b", "i", "u"] as const).map((tag) => ({
  kind: "close",
  tag,
}));

/** `\N` breaks the line, `\n` may, `\h` is a hard space. */
const assBreaks = (text: string): string =>
  text.replace(/\\N/g, "\n").replace(/\\n/g, "\n").replace(/\\h/g, "\u00a0");
