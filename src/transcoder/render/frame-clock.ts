/**
 * Decides which decoded picture is shown at each tick of a constant rate: at tick `n` the latest one
 * whose own tick is not after `n` (what FFmpeg's `fps` filter does). A picture may be shown several
 * times or never. It depends on timestamps alone, so a run that starts in the middle of a source
 * chooses the same pictures as a whole run.
 *
 * Pictures are opaque; `hold` returns those that are no longer needed, for release.
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

  /** How often the picture held so far is shown before a picture of this tick takes its place. */
  *ticksBefore(tick: number): Generator<number> {
    const end = Math.min(tick, this.#end);
    while (this.#next < end) {
      yield this.#next;
      this.#next += 1;
    }
  }

  get held(): T | null {
    return this.#held?.picture ?? null;
  }

  /** Takes a new picture and returns the one it replaces. */
  hold(picture: T, tick: number): T | null {
    const replaced = this.held;
    this.#held = { picture, tick };
    return replaced;
  }

  /** The tick after the last picture, when it lasts for `durationTicks`: where the source ends. */
  endTick(durationTicks: number): number {
    return this.#held === null ? this.#next : this.#held.tick + Math.max(1, durationTicks);
  }
}
