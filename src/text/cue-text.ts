/** Markup of any format in the terms of WebVTT; everything else a format can say is left out. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "open"; readonly tag: Tag; readonly annotation?: string }
  | { readonly kind: "close"; readonly tag: Tag };

/** Tags of WebVTT §4.2.2 that are kept: bold, italic, underline, ruby and its text, voice, class. */
export type Tag = "b" | "i" | "u" | "ruby" | "rt" | "v" | "c";

/** Longer than ten lines of subtitles; what follows would cover the picture, or is an attack. */
const MAX_CUE_CHARACTERS = 2000;

/** A name in a voice tag. */
const MAX_ANNOTATION_CHARACTERS = 100;

const ELLIPSIS = "…";

/**
 * Control characters but the line feed, with NUL, which WebVTT §5.1 forbids; non-characters and the
 * byte order mark; and the two overrides that make text read backwards (Unicode TR 36 §2.10.2):
 * subtitles in Hebrew and Arabic do with embeddings and isolates.
 */
const FORBIDDEN = /(?!\n)[\p{Cc}\u{feff}\u{fffe}\u{ffff}\u{202d}\u{202e}]/gu;

/** Everything that some program takes for the end of a line. */
const LINE_BREAKS = /\r\n?|[\v\f\u0085\u2028\u2029]/g;

/**
 * WebVTT cue text of these pieces: escaped, so that no `-->`, tag or entity of the source's text
 * counts; every tag closed in the right order; no blank line, which would end the cue. Pure text is
 * at most 2,000 characters long.
 */
export const cueText = (pieces: readonly Piece[]): string => {
  const open: Tag[] = [];
  let room = MAX_CUE_CHARACTERS;
  let out = "";
  const close = (tag: Tag): void => {
    const at = open.lastIndexOf(tag);
    if (at < 0) return;
    // What was opened later has to be closed too; it ends here, as for HTML in browsers.
    for (const inner of open.splice(at).reverse()) out += `</${inner}>`;
  };
  for (const piece of pieces) {
    if (piece.kind === "open") {
      // A second voice ends the first; any other tag within itself says nothing new.
      if (piece.tag === "v") close("v");
      if (open.includes(piece.tag)) continue;
      if (piece.tag === "rt" && !open.includes("ruby")) continue;
      open.push(piece.tag);
      out += openTag(piece.tag, piece.annotation);
    } else if (piece.kind === "close") {
      close(piece.tag);
    } else if (room > 0) {
      const text = clean(piece.text);
      const cut = text.length > room;
      out += escapeText(cut ? text.slice(0, room).toWellFormed() + ELLIPSIS : text);
      room -= text.length;
    }
  }
  out = out.trimEnd();
  for (const tag of open.reverse()) out += `</${tag}>`;
  return withoutBlankLines(out);
};

const clean = (text: string): string =>
  text.toWellFormed().replace(LINE_BREAKS, "\n").replace(/\t/g, " ").replace(FORBIDDEN, "");

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** WebVTT §4.2.2: `&` and `<` must be escaped, and `>` so that no `-->` can come about. */
const escapeText = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ESCAPES[character] ?? "");

const openTag = (tag: Tag, annotation = ""): string => {
  const text = clean(annotation).replace(/\s+/g, " ").trim().slice(0, MAX_ANNOTATION_CHARACTERS);
  if (tag === "c") return `<c${annotation}>`; // a list of known classes
  return text === "" ? `<${tag}>` : `<${tag} ${escapeText(text.toWellFormed())}>`;
};

/** Lines with nothing to see go; empty tags too, so that a cue without text is empty. */
const withoutBlankLines = (text: string): string => {
  const visible = text.replace(/<[^>]*>/g, "");
  if (visible.replace(/&nbsp;|\u200b/g, "").trim() === "") return "";
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .join("\n");
};
