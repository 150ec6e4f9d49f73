/** Gathers single calls into requests for several. */
export type Batcher<T> = {
  /** Resolves when the request that carried the item has succeeded for it. */
  add(item: T): Promise<void>;
  /** Sends what waits, and resolves when nothing is under way any more; failures go to their callers. */
  flush(): Promise<void>;
};

type Waiting<T> = {
  readonly item: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/**
 * @param options.most items of one request
 * @param options.gatherMs how long the first item waits for others
 * @param options.send one request; its answer says for each item what went wrong, null for nothing
 */
export const createBatcher = <T>(options: {
  readonly most: number;
  readonly gatherMs: number;
  readonly send: (items: readonly T[]) => Promise<readonly (Error | null)[]>;
}): Batcher<T> => {
  const { most, gatherMs, send } = options;
  let waiting: Waiting<T>[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const underWay = new Set<Promise<void>>();

  const sendWaiting = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) {
      return;
    }
    const sending = send(batch.map(({ item }) => item)).then(
      (failures) =>
        batch.forEach(({ resolve, reject }, index) => {
          const failure = failures[index] ?? null;
          failure === null ? resolve() : reject(failure);
        }),
      (error) => {
        for (const { reject } of batch) {
          reject(error);
        }
      },
    );
    underWay.add(sending);
    sending.finally(() => underWay.delete(sending));
  };

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (waiting.length >= most) {
          sendWaiting();
        } else {
          timer ??= setTimeout(sendWaiting, gatherMs);
        }
      }),
    flush: async () => {
      sendWaiting();
      await Promise.all(underWay);
    },
  };
};
