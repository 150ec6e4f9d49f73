/** A picture and the ticks of the output at which it is shown: `from` (included) to `to` (excluded). */
export type Showing<T> = { readonly picture: T; readonly from: number; readonly to: number };

/**
 * Decides which decoded picture is shown at each tick of a constant rate: at tick `n` the latest one
 * whose own tick is not after `n` (what FFmpeg's `fps` filter does). A picture may be shown several
 * times or never. It depends on timestamps alone, so a run that starts in the middle of a source
 * chooses the same pictures as a whole run.
 *
 * Pictures are opaque; one that is shown for hours is one `Showing`.
 */
export class FrameClock<T> {
  #next: number;
  readonly #end: number;
  #held: { readonly picture: T; readonly tick: number } | null = null;

  /** Ticks `from` (included) to `to` (excluded, may be Infinity) are asked for. */
  constructor(from: number, to: number) {
    this.#next = from;
    this.#end = to;
  }

  /** The tick that is still to be shown. */
  get next(): number {
    return this.#next;
  }

  /** Whether everything asked for has been shown. */
  get isDone(): boolean {
    return this.#next >= this.#end;
  }

  get held(): T | null {
    return this.#held?.picture ?? null;
  }

  /**
   * Takes a new picture. `shown` is what comes to an end with it, if anything; `replaced` is no longer
   * needed once that is shown. The first picture also fills a gap before it.
   */
  push(picture: T, tick: number): { shown: Showing<T> | null; replaced: T | null } {
    const replaced = this.held;
    const shown = this.#showUntil(replaced ?? picture, tick);
    this.#held = { picture, tick };
    return { shown, replaced };
  }

  /** The last picture, which stays for `durationTicks`, at least one. */
  finish(durationTicks: number): Showing<T> | null {
    if (this.#held === null) return null;
    const { picture, tick } = this.#held;
    return this.#showUntil(picture, tick + Math.max(1, durationTicks));
  }

  #showUntil(picture: T, tick: number): Showing<T> | null {
    const from = this.#next;
    const to = Math.min(tick, this.#end);
    if (to <= from) return null;
    this.#next = to;
    return { picture, from, to };
  }
}
