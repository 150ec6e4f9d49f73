import type { Database } from "../db/index.ts";
import { type Dispatched, dispatch, dispatchAll } from "./dispatch.ts";
import type { ObjectCreated } from "./job-message.ts";

/** Objects in one transaction at most: far fewer statements, and locks are still held for milliseconds. */
const MOST_TOGETHER = 100;

type Waiting = {
  readonly object: ObjectCreated;
  readonly resolve: (outcome: Dispatched) => void;
  readonly reject: (reason: unknown) => void;
};

/**
 * `dispatch` for many callers at once: whatever is asked for while one transaction is under way goes
 * into the next one together. A single event waits for nobody. Where a transaction fails, each of its
 * objects is tried by itself, so that a bad one spoils no other.
 */
export const dispatchTogether = (
  database: Database,
): ((object: ObjectCreated) => Promise<Dispatched>) => {
  let waiting: Waiting[] = [];
  let isRunning = false;

  const run = async () => {
    isRunning = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MOST_TOGETHER);
      waiting = waiting.slice(MOST_TOGETHER);
      await settle(database, batch);
    }
    isRunning = false;
  };

  return (object) =>
    new Promise((resolve, reject) => {
      waiting.push({ object, resolve, reject });
      if (!isRunning) {
        void run();
      }
    });
};

const settle = async (database: Database, batch: readonly Waiting[]): Promise<void> => {
  try {
    const outcomes = await dispatchAll(
      database,
      batch.map(({ object }) => object),
    );
    batch.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index];
      outcome === undefined ? reject(new Error("one outcome for each object")) : resolve(outcome);
    });
  } catch {
    await Promise.all(
      batch.map(({ object, resolve, reject }) => dispatch(database, object).then(resolve, reject)),
    );
  }
};
