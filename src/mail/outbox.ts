import pLimit from "p-limit";
import type { Log } from "../log.ts";
import type { Mail, Mailer } from "./index.ts";

/**
 * Writes and delivers mails after the answer went out: a request must not take longer, or fail,
 * because an address exists and is mailed.
 */
export type Outbox = {
  /** `write` runs later; null means there is nothing to send. Never throws: failures are logged. */
  post(write: () => Promise<Mail | null>): void;
  /** Resolves when everything posted so far was delivered or given up; for shutdown and tests. */
  drain(): Promise<void>;
};

/** Waits before the second and the third try; a mail server that restarts is back by then. */
const RETRY_AFTER_MS = [1_000, 10_000];
const DELIVERIES_AT_ONCE = 4;
/** Beyond it mails are dropped and logged, rather than memory filled: people can ask for a new code. */
const MOST_WAITING = 1_000;

export const openOutbox = (
  mailer: Pick<Mailer, "send">,
  log: Log,
  options: { retryAfterMs: readonly number[] } = { retryAfterMs: RETRY_AFTER_MS },
): Outbox => {
  const limit = pLimit(DELIVERIES_AT_ONCE);
  const underWay = new Set<Promise<void>>();

  const deliver = async (write: () => Promise<Mail | null>): Promise<void> => {
    const mail = await write();
    if (mail === null) {
      return;
    }
    for (const waitMs of [...options.retryAfterMs, null]) {
      try {
        return await mailer.send(mail);
      } catch (error) {
        if (waitMs === null) {
          throw error;
        }
        log.warn({ err: error }, "mail was not taken, trying again");
        await Bun.sleep(waitMs);
      }
    }
  };

  return {
    post: (write) => {
      if (limit.pendingCount >= MOST_WAITING) {
        log.error({ waiting: limit.pendingCount }, "too many mails are waiting; one was dropped");
        return;
      }
      const delivery = limit(() => deliver(write))
        .catch((error) => log.error({ err: error }, "mail could not be delivered"))
        .finally(() => underWay.delete(delivery));
      underWay.add(delivery);
    },
    drain: async () => {
      while (underWay.size > 0) {
        await Promise.all(underWay);
      }
    },
  };
};
