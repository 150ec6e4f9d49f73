import { Unreadable } from "./cursor.ts";

/** A cue of WebVTT; times in seconds. */
export type Cue = { readonly start: number; readonly end: number; readonly text: string };

const TIMES =
  /^(?:(\d{2,}):)?([0-5]\d):([0-5]\d\.\d{3})[ \t]+-->[ \t]+(?:(\d{2,}):)?([0-5]\d):([0-5]\d\.\d{3})(?:[ \t].*)?$/;

/** Reads a WebVTT file (W3C WebVTT §4); throws `Unreadable` when it is none or a cue has no proper times. */
export const cuesOf = (text: string): Cue[] => {
  const [head = "", ...blocks] = text.replace(/\r\n?/g, "\n").split(/\n{2,}/);
  if (!/^\ufeff?WEBVTT(?:[ \t\n]|$)/.test(head))
    throw new Unreadable("it does not begin with WEBVTT");
  return blocks.flatMap((block): Cue[] => {
    const lines = block.split("\n").filter((line) => line !== "");
    if (lines.length === 0 || /^(NOTE|STYLE|REGION)\b/.test(lines[0] ?? "")) return [];
    const at = lines.findIndex((line) => line.includes("-->"));
    const match = TIMES.exec(lines[at] ?? "");
    if (at < 0 || at > 1 || match === null) throw new Unreadable(`no times in: ${lines[0]}`);
    const seconds = (first: number): number =>
      Number(match[first] ?? 0) * 3600 + Number(match[first + 1]) * 60 + Number(match[first + 2]);
    return [{ start: seconds(1), end: seconds(4), text: lines.slice(at + 1).join("\n") }];
  });
};
