import { type CopyObstacle, GAP_SECONDS } from "./copy-conditions.ts";

/** One picture of a source, in decoding order. */
export type SurveyedPicture = {
  readonly isIdr: boolean;
  /** Time since the presentation's zero in lengths of a picture; whole where the clocks agree. */
  readonly position: number;
  /** How long it says it is shown, in the same unit; 0 where it does not say. */
  readonly length: number;
  readonly sizeBytes: number;
};

/** Where a source's IDR pictures lie; two numbers for each are all that is kept. */
export type SourceGops = {
  /** Numbers of the IDR pictures, rising from 0. */
  readonly keys: readonly number[];
  /** Bytes from each IDR picture to the next. */
  readonly keyBytes: readonly number[];
  /** Number of all pictures. */
  readonly pictures: number;
  /** Most pictures by which decoding runs ahead of showing. */
  readonly reordered: number;
  /** Whether the picture that is shown last is also the last one in decoding order. */
  readonly endsInOrder: boolean;
};

/** Pictures may lie this far from the grid at the most, whatever the container's clock, in lengths of a picture. */
const MOST_OFF_GRID = 0.25;

/** What no stream surpasses (`max_num_reorder_frames`, ITU-T H.264, E.2.1). */
const MOST_REORDERED = 16;

/** A last picture that says it stays for longer than this stays for several ticks when it is encoded. */
const LONGEST_LAST_PICTURE = 1.5;

/**
 * Follows a source picture by picture and says as soon as one stands in the way of copying it: one
 * GOP of pictures after the other, each on its tick, none missing, none doubled, none before its IDR
 * picture.
 */
export class GopSurvey {
  readonly #rate: number;
  readonly #tolerance: number;
  readonly #keys: number[] = [];
  readonly #keyBytes: number[] = [];
  #phase = 0;
  /** Ticks of the current GOP that have a picture. */
  readonly #taken = new Set<number>();
  #last = { tick: -1, length: 0 };
  #endsInOrder = true;
  #reordered = 0;

  /** `rate` in pictures per second, `clock` the container's smallest step of time in lengths of a picture. */
  constructor({ rate, clock }: { readonly rate: number; readonly clock: number }) {
    this.#rate = rate;
    // Times were rounded to the container's clock once, and first and later ones alike.
    this.#tolerance = Math.min(MOST_OFF_GRID, clock + 1e-6);
  }

  /** Takes the next picture; returns what stands in the way, null while nothing does. */
  add({ isIdr, position, length, sizeBytes }: SurveyedPicture): CopyObstacle | null {
    const tick = Math.round(position);
    if (this.#keys.length === 0) {
      if (!isIdr || tick !== 0) return "start";
      this.#phase = position - tick;
    }
    if (Math.abs(position - tick - this.#phase) > this.#tolerance) return "rate";
    if (isIdr) {
      const obstacle = this.#keys.length === 0 ? null : this.#beginGop(tick);
      if (obstacle !== null) return obstacle;
      this.#keys.push(tick);
      this.#keyBytes.push(0);
    }
    const key = this.#key;
    if (tick < key) return "order";
    if (tick - key + 1 > GAP_SECONDS.most * this.#rate) return "gap";
    if (this.#taken.has(tick)) return "rate";
    this.#reordered = Math.max(this.#reordered, key + this.#taken.size - tick);
    if (this.#reordered > MOST_REORDERED) return "order";
    this.#taken.add(tick);
    this.#keyBytes.push((this.#keyBytes.pop() ?? 0) + sizeBytes);
    this.#endsInOrder = tick > this.#last.tick;
    if (this.#endsInOrder) this.#last = { tick, length };
    return null;
  }

  /** After the last picture: where the GOPs lie, or what stands in the way. */
  end(): SourceGops | CopyObstacle {
    if (this.#keys.length === 0) return "start";
    if (!this.#isGopWhole || this.#last.length > LONGEST_LAST_PICTURE) return "rate";
    return {
      keys: this.#keys,
      keyBytes: this.#keyBytes,
      pictures: this.#last.tick + 1,
      reordered: this.#reordered,
      endsInOrder: this.#endsInOrder,
    };
  }

  #beginGop(tick: number): CopyObstacle | null {
    const next = this.#key + this.#taken.size;
    if (!this.#isGopWhole || tick !== next) return tick < next ? "order" : "rate";
    if (next - this.#key < GAP_SECONDS.least * this.#rate) return "gap";
    this.#taken.clear();
    return null;
  }

  get #key(): number {
    return this.#keys.at(-1) ?? 0;
  }

  get #isGopWhole(): boolean {
    return this.#last.tick === this.#key + this.#taken.size - 1;
  }
}
