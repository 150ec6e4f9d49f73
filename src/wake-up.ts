/** A wait that was armed: a wake-up from then on ends it, also one before `within` is called. */
export type ArmedWait = {
  /** Resolves at a wake-up, after `ms`, or when `signal` aborts, whichever comes first. */
  within(ms: number, signal: AbortSignal): Promise<void>;
};

export type WakeUp = {
  /** Wakes all that are armed. */
  wake(): void;
  /** Arms a wait. Do it before looking whether there is work, so that no wake-up falls between. */
  next(): ArmedWait;
};

/** Lets loops sleep until there is something to do, without timers that fire for nothing. */
export const createWakeUp = (): WakeUp => {
  let wakeUps = 0;
  const sleepers = new Set<() => void>();
  return {
    wake: () => {
      wakeUps += 1;
      for (const wakeSleeper of sleepers) {
        wakeSleeper();
      }
    },
    next: () => {
      const before = wakeUps;
      return {
        within: async (ms, signal) => {
          if (wakeUps !== before || signal.aborted) {
            return;
          }
          const { promise, resolve } = Promise.withResolvers<void>();
          const stop = () => resolve();
          const timer = setTimeout(stop, ms);
          signal.addEventListener("abort", stop, { once: true });
          sleepers.add(stop);
          await promise;
          sleepers.delete(stop);
          signal.removeEventListener("abort", stop);
          clearTimeout(timer);
        },
      };
    },
  };
};
