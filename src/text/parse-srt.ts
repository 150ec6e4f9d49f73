import { CueCollector, type CueList } from "./cue.ts";
import { keypadSettings } from "./cue-settings.ts";
import { cueText } from "./cue-text.ts";
import { htmlPieces } from "./html-markup.ts";
import { readTiming, type Timing } from "./timestamp.ts";

/** More lines in one cue are not looked at. */
const MAX_CUE_LINES = 100;

/**
 * SubRip text. There is no standard: what counts is the lines with times, so that missing numbers and
 * blank lines in the wrong places, which files made by hand have, do no harm.
 */
export const parseSrt = (text: string): CueList => {
  const cues = new CueCollector();
  let timing: Timing | null = null;
  let lines: string[] = [];
  const flush = (): boolean => {
    const done = timing === null || cues.add(srtCue(timing, lines.join("\n")));
    lines = [];
    return done;
  };
  for (const line of linesOf(text)) {
    const next = readTiming(line);
    if (next === null) {
      if (lines.length < MAX_CUE_LINES) lines.push(line);
      continue;
    }
    // The number of the next cue belongs to it, not to the text above.
    if (/^\s*\d+\s*$/.test(lines.at(-1) ?? "")) lines.pop();
    if (!flush()) return cues.finish();
    timing = next;
  }
  flush();
  return cues.finish();
};

/** One SubRip cue; also what Matroska files hold of it, which is the text alone. */
export const srtCue = (
  { startSeconds, endSeconds }: Pick<Timing, "startSeconds" | "endSeconds">,
  text: string,
) => {
  // Overrides of ASS in braces are widespread; the place is the one that matters.
  const place = /\{\\an?(\d{1,2})\}/.exec(text.slice(0, 200))?.[1];
  const plain = text.replace(/\{\\[^{}]{0,200}\}/g, "");
  return {
    startSeconds,
    endSeconds,
    text: cueText(htmlPieces(plain)),
    settings: place === undefined ? "" : keypadSettings(Number(place)),
  };
};

/** Lines one by one, without an array of a million of them. */
export function* linesOf(text: string): Generator<string> {
  for (let at = 0; at <= text.length; ) {
    const end = text.indexOf("\n", at);
    const stop = end < 0 ? text.length : end;
    yield text.slice(at, text[stop - 1] === "\r" && stop > at ? stop - 1 : stop);
    at = stop + 1;
  }
}
