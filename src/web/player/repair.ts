/** Between two repairs of a broken play, ms; one that breaks again at once is beyond repair. */
const REPAIR_PAUSE_MS = 30_000;

/**
 * Mends a play that broke, for one by addresses that ran out: loads it again from where it was.
 * Picture and sound break one after the other, so what breaks during a repair is part of the same.
 * @param options.reload loads the presentation again, with fresh addresses
 * @param options.onFailure called when reloading failed, or when it broke again soon after
 * @returns to be called whenever the player reports an error
 */
export const createRepair = (options: {
  readonly reload: () => Promise<unknown>;
  readonly onFailure: () => void;
  readonly nowMs: () => number;
}): (() => Promise<void>) => {
  let isUnderWay = false;
  let repairedAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    if (isUnderWay) {
      return;
    }
    if (options.nowMs() - repairedAtMs < REPAIR_PAUSE_MS) {
      options.onFailure();
      return;
    }
    isUnderWay = true;
    try {
      await options.reload();
    } catch {
      options.onFailure();
    } finally {
      isUnderWay = false;
      repairedAtMs = options.nowMs();
    }
  };
};
