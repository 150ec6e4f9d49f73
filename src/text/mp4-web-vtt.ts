import type { Cue } from "./cue.ts";
import { webVttCue } from "./parse-web-vtt.ts";

/** More cues than this are not shown at once by anybody. */
const MAX_CUES_AT_ONCE = 20;

/** Samples follow each other without a gap; their times are rounded. */
const JOIN_SECONDS = 0.002;

type Time = { readonly startSeconds: number; readonly endSeconds: number };

/**
 * The cues of a `wvtt` track (ISO/IEC 14496-30 §7.4), sample by sample. Cues that overlap are cut into
 * samples at each other's ends; here what is cut is joined again.
 */
export class BoxedCues {
  #going: ReadonlyMap<string, Cue> = new Map();

  /** Reads one sample. @returns the cues that ended before it */
  take(time: Time, sample: Uint8Array): Cue[] {
    const ended: Cue[] = [];
    const going = new Map<string, Cue>();
    for (const { settings, text } of cuesOf(sample)) {
      const cue = webVttCue(time, settings, text);
      const key = `${cue.settings}\n${cue.text}`;
      const before = this.#going.get(key);
      const goesOn = before !== undefined && before.endSeconds >= cue.startSeconds - JOIN_SECONDS;
      going.set(key, goesOn ? { ...before, endSeconds: cue.endSeconds } : cue);
      if (before !== undefined && !goesOn) ended.push(before);
    }
    for (const [key, cue] of this.#going) if (!going.has(key)) ended.push(cue);
    this.#going = going;
    return ended;
  }

  /** The cues that go on to the end. */
  finish(): Cue[] {
    return [...this.#going.values()];
  }
}

type BoxedCue = { readonly settings: string; readonly text: string };

/** A `vttc` box for each cue, with its settings in `sttg` and its text in `payl`. An empty sample (`vtte`) has none. */
const cuesOf = (sample: Uint8Array): BoxedCue[] => {
  const cues: BoxedCue[] = [];
  for (const { name, content } of boxesOf(sample)) {
    if (name !== "vttc" || cues.length >= MAX_CUES_AT_ONCE) continue;
    let settings = "";
    let text = "";
    for (const inner of boxesOf(content)) {
      if (inner.name === "sttg") settings = new TextDecoder().decode(inner.content);
      if (inner.name === "payl") text = new TextDecoder().decode(inner.content);
    }
    cues.push({ settings, text });
  }
  return cues;
};

type Box = { readonly name: string; readonly content: Uint8Array };

function* boxesOf(bytes: Uint8Array): Generator<Box> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= bytes.byteLength; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > bytes.byteLength) return;
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    yield { name, content: bytes.subarray(at + 8, at + size) };
    at += size;
  }
}
