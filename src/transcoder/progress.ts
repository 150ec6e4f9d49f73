import type { TranscodePlan } from "./plan/plan.ts";
import { toNumber } from "./source-facts.ts";

/** A look at a running job. */
export type Progress = {
  /** 0 to 100; never falls. */
  readonly percent: number;
  /** Multiple of real time, or null while unknown. */
  readonly speed: number | null;
  /** Seconds left, or null while unknown. */
  readonly etaSeconds: number | null;
};

/** Below this part of the work an estimate would be a guess. */
const FIRST_ESTIMATE = 0.02;

/**
 * The time left is told by the pace of the last so many seconds: long enough that scenes even out, short
 * enough to follow a machine that other jobs come to or leave.
 */
const PACE_SECONDS = 20;

/** Before the end is certain nothing claims to be complete. */
const MOST_BEFORE_THE_END = 99.9;

/**
 * Turns "this rung has one more picture" into percent, speed and time left. Rungs count by their
 * pixels, as their work does, a copied one not at all beside others; sound counts where there are no pictures. A source without a believable
 * length is measured by the bytes read.
 */
export class ProgressMeter {
  readonly #expectedFrames: number | null;
  readonly #rate: number;
  readonly #weights: ReadonlyMap<string, number>;
  readonly #countsSound: boolean;
  readonly #frames = new Map<string, number>();
  readonly #startedMs: number;
  readonly #now: () => number;
  #position = 0;
  #percent = 0;
  #resumedFrames = 0;
  /** Looks of the last `PACE_SECONDS`, oldest first, and one from before. */
  readonly #looks: { readonly ms: number; readonly done: number }[] = [];

  /** `now` is a monotonic clock in milliseconds. */
  constructor(plan: TranscodePlan, now: () => number) {
    this.#expectedFrames = plan.expectedFrames;
    this.#rate = toNumber(plan.frameRate);
    const encoded = plan.rungs.filter(({ id }) => id !== plan.copy?.rungId);
    const rungs = encoded.length > 0 ? encoded : plan.rungs;
    const work =
      rungs.length > 0
        ? rungs.map(({ id, width, height }) => ({ id, size: width * height }))
        : plan.audio.map(({ id }) => ({ id, size: 1 }));
    const total = work.reduce((sum, { size }) => sum + size, 0);
    this.#weights = new Map(work.map(({ id, size }) => [id, size / total]));
    this.#countsSound = plan.rungs.length === 0;
    this.#now = now;
    this.#startedMs = now();
  }

  /** A rung has so many pictures from an earlier attempt; they count as done, but say nothing about speed. */
  resume(rungId: string, pictures: number): void {
    this.#frames.set(rungId, pictures);
    this.#resumedFrames += (this.#weights.get(rungId) ?? 0) * pictures;
  }

  /** One more picture of this rung; `position` is the part of the source read, 0 to 1. */
  picture(rungId: string, position: number): void {
    this.#frames.set(rungId, (this.#frames.get(rungId) ?? 0) + 1);
    this.#position = Math.max(this.#position, Math.min(1, position));
  }

  /** This track is encoded up to here; counts when there are no pictures. */
  sound(trackId: string, seconds: number): void {
    if (this.#countsSound) this.#frames.set(trackId, seconds * this.#rate);
  }

  read(): Progress {
    let frames = 0;
    for (const [id, weight] of this.#weights) frames += weight * (this.#frames.get(id) ?? 0);
    const done = Math.min(
      1,
      this.#expectedFrames === null ? this.#position : frames / this.#expectedFrames,
    );
    this.#percent = Math.max(this.#percent, Math.min(MOST_BEFORE_THE_END, done * 100));
    const nowMs = this.#now();
    const elapsedSeconds = (nowMs - this.#startedMs) / 1000;
    const made = frames - this.#resumedFrames;
    const doneNow = done - this.#resumedFrames / (this.#expectedFrames ?? Number.POSITIVE_INFINITY);
    const isKnown = doneNow >= FIRST_ESTIMATE && elapsedSeconds > 0;
    return {
      percent: this.#percent,
      speed: isKnown ? made / this.#rate / elapsedSeconds : null,
      etaSeconds: isKnown ? (1 - done) / this.#pace(nowMs, done, doneNow / elapsedSeconds) : null,
    };
  }

  /** Part of the work per second of late; `average` where nothing moved since. */
  #pace(nowMs: number, done: number, average: number): number {
    this.#looks.push({ ms: nowMs, done });
    while (nowMs - (this.#looks[1]?.ms ?? nowMs) >= PACE_SECONDS * 1000) this.#looks.shift();
    const [oldest] = this.#looks;
    const seconds = oldest === undefined ? 0 : (nowMs - oldest.ms) / 1000;
    const isLongEnough = seconds >= PACE_SECONDS;
    const pace = oldest === undefined ? 0 : (done - oldest.done) / seconds;
    return isLongEnough && pace > 0 ? pace : average;
  }
}
