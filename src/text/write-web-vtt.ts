import type { Cue } from "./cue.ts";
import { writeTimestamp } from "./timestamp.ts";

/**
 * RFC 8216 §3.5: local time 0 of the file is time 0 of the media, whose timestamps begin there. DASH
 * players pass over the line.
 */
const HEADER = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n";

/** No cue is shorter than the clock of the file can say. */
const LEAST_SECONDS = 0.001;

/** A WebVTT file (W3C WebVTT §4.1) of cues in the order of their starts. */
export const writeWebVtt = (cues: readonly Cue[]): string =>
  [HEADER, ...cues.map(writeCue)].join("\n");

const writeCue = ({ startSeconds, endSeconds, text, settings }: Cue): string => {
  const start = writeTimestamp(startSeconds);
  const end = writeTimestamp(Math.max(endSeconds, startSeconds + LEAST_SECONDS));
  return `${start} --> ${end}${settings === "" ? "" : ` ${settings}`}\n${text}\n`;
};
