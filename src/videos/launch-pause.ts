import { retryDelaySeconds } from "./backoff.ts";

/** Keeps a consumer from asking a platform that has no room again and again, a waiting job at a time. */
export type LaunchPause = {
  /** Whether launching rests. */
  isOn(nowMs: number): boolean;
  /** After a round of launches: `deferred` begins a pause, each in a row twice as long; `done` ends them. */
  after(outcome: "done" | "deferred", nowMs: number): void;
};

/** Up to a minute or two: capacity comes and goes within minutes. */
const MOST_DOUBLINGS = 7;

export const createLaunchPause = (random: () => number = Math.random): LaunchPause => {
  let inARow = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  return {
    isOn: (nowMs) => nowMs < untilMs,
    after: (outcome, nowMs) => {
      inARow = outcome === "deferred" ? Math.min(inARow + 1, MOST_DOUBLINGS) : 0;
      untilMs =
        inARow === 0
          ? Number.NEGATIVE_INFINITY
          : nowMs + retryDelaySeconds(inARow, random()) * 1000;
    },
  };
};
