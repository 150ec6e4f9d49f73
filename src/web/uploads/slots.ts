/** Lets a limited number of holders in at a time, in the order they came. */
export type Slots = {
  /** Resolves to the function that gives the slot back. @throws the signal's reason */
  readonly take: (signal: AbortSignal) => Promise<() => void>;
};

export const createSlots = (count: number): Slots => {
  let free = count;
  const waiting: (() => void)[] = [];

  const giveBack = (): void => {
    const next = waiting.shift();
    if (next === undefined) {
      free += 1;
    } else {
      next();
    }
  };
  const once = (): (() => void) => {
    let given = false;
    return () => {
      if (!given) {
        given = true;
        giveBack();
      }
    };
  };

  const take = (signal: AbortSignal): Promise<() => void> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      if (free > 0) {
        free -= 1;
        resolve(once());
        return;
      }
      const enter = (): void => {
        signal.removeEventListener("abort", leave);
        resolve(once());
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(enter), 1);
        reject(signal.reason);
      };
      waiting.push(enter);
      signal.addEventListener("abort", leave, { once: true });
    });

  return { take };
};
