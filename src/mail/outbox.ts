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
  /**
   * Resolves when everything posted was delivered or given up.
   * @param withinMs for shutdown: what is still waiting by then is left, and logged. Default: no limit.
   */
  drain(withinMs?: number): Promise<void>;
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
    drain: async (withinMs) => {
      const late = withinMs === undefined ? [] : [Bun.sleep(withinMs).then(() => "late" as const)];
      while (underWay.size > 0) {
        if ((await Promise.race([Promise.all(underWay), ...late])) === "late") {
          log.error({ mails: underWay.size }, "mails were left undelivered");
          return;
        }
      }
    },
  };
};
