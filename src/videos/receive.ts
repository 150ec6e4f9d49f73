import { isConnectionFailure } from "../db/connection-failure.ts";
import type { Log } from "../log.ts";
import type { Queue, QueueMessage } from "../queue/index.ts";
import { createWakeUp } from "../wake-up.ts";

/** What the receive loop works with. */
export type ReceiveContext = {
  readonly queue: Queue;
  /** Handles one message to the end: what it tells is committed, and it is deleted or left. */
  readonly handle: (message: QueueMessage) => Promise<void>;
  readonly log: Log;
  /** Ends the loop. */
  readonly signal: AbortSignal;
};

/** SQS's largest batch. */
const BATCH = 10;
/** Messages that are handled at once: enough to keep a database pool of ten busy while others are fetched and deleted. */
const MOST_AT_ONCE = 40;
/** SQS's longest wait; the database queue takes any. */
const WAIT_SECONDS = 20;
/** A message is handled in milliseconds, so one that stays away so long was lost with its consumer. */
const VISIBILITY_SECONDS = 30;
/** Extended early enough that two failing tries do no harm. */
const EXTEND_EVERY_MS = (VISIBILITY_SECONDS * 1000) / 3;
/** Pauses while the database is away. */
const RETRY_MS = { first: 500, longest: 10_000 } as const;
/** Nothing but room wakes a loop without room; this is only a bound. */
const LOOK_AGAIN_MS = 60_000;
/** A broken queue is not hammered. */
const AFTER_ERROR_MS = 1_000;

/**
 * Receives until `signal` aborts and handles messages side by side, a bounded number at once; then
 * waits for those that are under way. While the database is away it keeps what it has received (and
 * hidden from others) and takes no more: coming back again and again, good messages would end among
 * the dead letters.
 */
export const receiveMessages = async (context: ReceiveContext): Promise<void> => {
  const { queue, log, signal } = context;
  const underWay = new Set<Promise<void>>();
  const roomMade = createWakeUp();
  while (!signal.aborted) {
    const room = MOST_AT_ONCE - underWay.size;
    const waiting = roomMade.next();
    if (room < BATCH) {
      await waiting.within(LOOK_AGAIN_MS, signal);
      continue;
    }
    let messages: QueueMessage[];
    try {
      messages = await queue.receive({
        maxMessages: BATCH,
        waitSeconds: WAIT_SECONDS,
        visibilitySeconds: VISIBILITY_SECONDS,
        signal,
      });
    } catch (error) {
      log.error({ err: error }, "messages could not be received");
      await pause(AFTER_ERROR_MS, signal);
      continue;
    }
    for (const message of messages) {
      const handling = handleHeld(context, message).finally(() => {
        underWay.delete(handling);
        roomMade.wake();
      });
      underWay.add(handling);
    }
  }
  await Promise.all(underWay);
};

/** Keeps the message hidden from others as long as work on it goes on. */
const handleHeld = async (context: ReceiveContext, message: QueueMessage): Promise<void> => {
  const { queue, log, signal } = context;
  const facts = { messageId: message.id };
  const keepHidden = setInterval(() => {
    queue
      .extend(message, VISIBILITY_SECONDS)
      .catch((error) => log.warn({ err: error, ...facts }, "a message could not be kept hidden"));
  }, EXTEND_EVERY_MS);
  try {
    for (
      let pauseMs: number = RETRY_MS.first;
      ;
      pauseMs = Math.min(pauseMs * 2, RETRY_MS.longest)
    ) {
      try {
        return await context.handle(message);
      } catch (error) {
        if (signal.aborted || !isConnectionFailure(error)) {
          throw error;
        }
        log.warn({ err: error, ...facts }, "the database is away; the message waits for it");
        await pause(pauseMs, signal);
      }
    }
  } catch (error) {
    log.error({ err: error, ...facts }, "a message was not handled and comes back");
  } finally {
    clearInterval(keepHidden);
  }
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  createWakeUp().next().within(ms, signal);
