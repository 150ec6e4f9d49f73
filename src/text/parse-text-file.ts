import type { CueList } from "./cue.ts";
import { decodeText } from "./decode-text.ts";
import { parseAss } from "./parse-ass.ts";
import { parseSrt } from "./parse-srt.ts";
import { parseWebVtt } from "./parse-web-vtt.ts";

/**
 * Cues of an uploaded file: WebVTT, SubRip or SubStation Alpha, told apart by what they begin with,
 * in any usual encoding. Never throws: a file of another kind has no cues.
 */
export const parseTextFile = (bytes: Uint8Array): CueList => {
  const text = decodeText(bytes);
  const start = text.slice(0, START_CHARACTERS).trimStart();
  if (/^WEBVTT(?:\s|$)/.test(start)) return parseWebVtt(text);
  if (/^\[Script Info\]/im.test(start)) return parseAss(text);
  return parseSrt(text);
};

/** Where the mark of a format must come, comments before it included. */
const START_CHARACTERS = 2000;
