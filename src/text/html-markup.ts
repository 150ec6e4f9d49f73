import type { Piece, Tag } from "./cue-text.ts";

/** More than this of one cue's source is not looked at: its text is capped far below. */
const MAX_SOURCE_CHARACTERS = 20_000;

/** HTML's names beside WebVTT's own. */
const TAGS: Readonly<Record<string, Tag>> = {
  b: "b",
  strong: "b",
  i: "i",
  em: "i",
  u: "u",
  ruby: "ruby",
  rt: "rt",
  v: "v",
  c: "c",
};

/** Classes that every WebVTT player knows without a style sheet (W3C WebVTT §5). */
const CLASSES = new Set(
  ["white", "lime", "cyan", "red", "yellow", "magenta", "blue", "black"].flatMap((name) => [
    name,
    `bg_${name}`,
  ]),
);

/** A tag: its end mark, name, WebVTT classes and the rest. Linear: no part can match another's characters. */
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\.[a-z0-9_]+)*)([^<>]*)>/gi;

/** Timestamps within a cue (karaoke) and what is left of comments and declarations. */
const OTHER_TAG = /<(?:\d[\d:.]*|[!?][^<>]*)>/g;

/**
 * The HTML-like markup of SRT and WebVTT. Known tags are kept, all others go and leave their text; a
 * `<` that begins no tag is text.
 */
export const htmlPieces = (source: string): Piece[] => {
  const text = source.slice(0, MAX_SOURCE_CHARACTERS).replace(OTHER_TAG, "");
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(TAG)) {
    const [whole, slash, name = "", classes = "", rest = ""] = match;
    pushText(pieces, text.slice(at, match.index));
    at = match.index + whole.length;
    const lower = name.toLowerCase();
    const tag = Object.hasOwn(TAGS, lower) ? TAGS[lower] : undefined;
    if (tag !== undefined) {
      pieces.push(slash === "/" ? { kind: "close", tag } : opened(tag, classes, rest));
    } else if (lower === "br") {
      pieces.push({ kind: "text", text: "\n" });
    }
  }
  pushText(pieces, text.slice(at));
  return pieces;
};

const opened = (tag: Tag, classes: string, rest: string): Piece => {
  if (tag === "v") return { kind: "open", tag, annotation: decodeEntities(rest) };
  if (tag !== "c") return { kind: "open", tag };
  const known = classes
    .toLowerCase()
    .split(".")
    .filter((name) => CLASSES.has(name));
  return { kind: "open", tag, annotation: known.map((name) => `.${name}`).join("") };
};

const pushText = (pieces: Piece[], text: string): void => {
  if (text !== "") pieces.push({ kind: "text", text: decodeEntities(text) });
};

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  lrm: "\u200e",
  rlm: "\u200f",
};

const HIGHEST_CODE_POINT = 0x10ffff;

/** Entities of WebVTT §4.2.2 and numbers; anything else is what it looks like. Decoded once: `&amp;lt;` is `&lt;`. */
const decodeEntities = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= HIGHEST_CODE_POINT ? String.fromCodePoint(code) : "";
  });
