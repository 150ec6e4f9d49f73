/** One piece of text with its time; what every format is turned into and WebVTT is written from. */
export type Cue = {
  /** From the presentation's zero. */
  readonly startSeconds: number;
  /** After the start. */
  readonly endSeconds: number;
  /** WebVTT cue text (W3C WebVTT §4.2.2): escaped, its tags balanced, without blank lines. Made by `cueText` alone. */
  readonly text: string;
  /** WebVTT cue settings (§4.4) without line breaks; empty for the player's own choice. */
  readonly settings: string;
};

/** What was read of a file or a stream. */
export type CueList = {
  readonly cues: readonly Cue[];
  /** Something was left out because it was more than the limits below allow. */
  readonly truncated: boolean;
};

/**
 * A talkative film has 2,500 cues, a day of live captions 40,000. More than this is no subtitle file,
 * and players keep every cue as an object of its own.
 */
export const MAX_CUES = 100_000;

/** All cue text of one track, in UTF-16 units; with `MAX_CUES` it bounds the file to about 10 MB. */
export const MAX_TRACK_CHARACTERS = 4_000_000;

/** Characters that several tracks may still take together; each takes from it. */
export type TextBudget = { characters: number };

/** Takes cues in any order up to the limits. */
export class CueCollector {
  readonly #cues: Cue[] = [];
  readonly #budget: TextBudget;
  #characters = 0;
  #truncated = false;

  constructor(budget: TextBudget = { characters: MAX_TRACK_CHARACTERS }) {
    this.#budget = budget;
  }

  /** Adds a cue, unless there is nothing to show or no time to show it. False: it was one too many, and so is every further one. */
  add(cue: Cue): boolean {
    if (cue.text === "" || !(cue.endSeconds > cue.startSeconds)) return true;
    const last = this.#cues.at(-1);
    if (last !== undefined && isSame(last, cue)) return true;
    const characters = this.#characters + cue.text.length;
    if (
      this.#cues.length >= MAX_CUES ||
      characters > MAX_TRACK_CHARACTERS ||
      cue.text.length > this.#budget.characters
    ) {
      this.#truncated = true;
      return false;
    }
    this.#characters = characters;
    this.#budget.characters -= cue.text.length;
    this.#cues.push(cue);
    return true;
  }

  /** All that was added, in the order of their starts (WebVTT §4.1 asks for it). */
  finish(): CueList {
    const cues = this.#cues.toSorted(
      (a, b) => a.startSeconds - b.startSeconds || a.endSeconds - b.endSeconds,
    );
    return { cues, truncated: this.#truncated };
  }
}

/** ASS draws outlines and shadows by saying the same thing twice. */
const isSame = (a: Cue, b: Cue): boolean =>
  a.startSeconds === b.startSeconds && a.endSeconds === b.endSeconds && a.text === b.text;

/** Cues as they lie within a presentation: what begins after its end is left out, what lasts longer ends with it. */
export const within = (cues: readonly Cue[], durationSeconds: number): Cue[] =>
  cues
    .filter((cue) => cue.startSeconds < durationSeconds && cue.endSeconds > 0)
    .map((cue) => ({
      ...cue,
      startSeconds: Math.max(0, cue.startSeconds),
      endSeconds: Math.min(cue.endSeconds, durationSeconds),
    }));
