import { lumaSpread } from "../ffmpeg/luma-spread.ts";
import type { Picture } from "../ffmpeg/picture-graph.ts";
import { encodePoster } from "../ffmpeg/poster.ts";
import type { Showing } from "./frame-clock.ts";
import type { PosterState } from "./picture-state.ts";
import type { SegmentSink } from "./segment-sink.ts";

/**
 * A picture whose brightness varies less than this is black, a fade or a single colour. Noise on
 * black stays below 5, a title card lies near 30, a photographed scene at 40 to 70.
 */
const LEAST_SPREAD = 12;

/**
 * Takes the first candidate that shows something, and while there is none the one that shows most.
 * The very first picture stands in until a candidate comes, if one comes.
 */
export class PosterChoice {
  readonly #candidates: readonly number[];
  readonly #sink: SegmentSink;
  #bestSpread: number;
  #isSettled: boolean;

  /**
   * `candidates` are numbers of pictures, rising; `resumed` is the state of an earlier run, whose last
   * pictures may be offered once more: that changes nothing.
   */
  constructor(candidates: readonly number[], sink: SegmentSink, resumed: PosterState | null) {
    this.#candidates = candidates;
    this.#sink = sink;
    this.#bestSpread = resumed?.bestSpread ?? -1;
    this.#isSettled = resumed?.isSettled ?? false;
  }

  get state(): PosterState {
    return { bestSpread: this.#bestSpread, isSettled: this.#isSettled };
  }

  /** Offers a picture; `small` is the same in the smallest rung, by which it is judged. Both stay the caller's. */
  async offer({ picture, from, to }: Showing<Picture>, small: Picture): Promise<void> {
    const isCandidate = this.#candidates.some((tick) => tick >= from && tick < to);
    if (this.#isSettled || !(isCandidate || from === 0)) return;
    const spread = lumaSpread(small);
    const isGood = spread >= LEAST_SPREAD;
    if (spread > this.#bestSpread || (isCandidate && isGood)) {
      this.#sink.poster(await encodePoster(picture));
    }
    this.#bestSpread = Math.max(this.#bestSpread, spread);
    this.#isSettled = isCandidate && isGood;
  }
}
