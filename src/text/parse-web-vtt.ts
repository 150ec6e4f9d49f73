import { CueCollector, type CueList } from "./cue.ts";
import { cleanSettings } from "./cue-settings.ts";
import { cueText } from "./cue-text.ts";
import { htmlPieces } from "./html-markup.ts";
import { linesOf } from "./parse-srt.ts";
import { readTiming, type Timing } from "./timestamp.ts";

const MAX_CUE_LINES = 100;

/**
 * A WebVTT file (W3C WebVTT §6.1). Notes, style sheets and regions are left out: a style sheet of a
 * stranger could load what it likes.
 */
export const parseWebVtt = (text: string): CueList => {
  const cues = new CueCollector();
  let timing: Timing | null = null;
  let lines: string[] = [];
  const flush = (): boolean => {
    const done = timing === null || cues.add(webVttCue(timing, timing.rest, lines.join("\n")));
    timing = null;
    lines = [];
    return done;
  };
  for (const line of linesOf(text.replace(/\r(?!\n)/g, "\n"))) {
    // A blank line ends the cue, and so does an arrow, which no cue's text may hold.
    const next = readTiming(line);
    if (next !== null || line === "") {
      if (!flush()) return cues.finish();
      timing = next;
    } else if (timing !== null && lines.length < MAX_CUE_LINES) {
      lines.push(line);
    }
  }
  flush();
  return cues.finish();
};

/** One WebVTT cue; Matroska and MP4 hold settings and text apart. */
export const webVttCue = (
  { startSeconds, endSeconds }: Pick<Timing, "startSeconds" | "endSeconds">,
  settings: string,
  text: string,
) => ({
  startSeconds,
  endSeconds,
  text: cueText(htmlPieces(text)),
  settings: cleanSettings(settings),
});
