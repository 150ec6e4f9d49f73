import { and, asc, eq, isNull, lte, min, sql } from "drizzle-orm";
import type { Database } from "../db/index.ts";
import { queueMessages } from "../db/schema.ts";
import type { Log } from "../log.ts";
import { createWakeUp } from "../wake-up.ts";
import type { Queue, QueueMessage } from "./index.ts";

export type PostgresQueueOptions = {
  /** Which of the queues in the table. Default `object_created`. */
  readonly name?: string;
  /** A message that was received so often without being deleted is poison. Default 5, as SQS's guides advise. */
  readonly maxReceives?: number;
  /** How long a lost notification delays a message at most. Default 5. */
  readonly pollSeconds?: number;
};

/**
 * The queue in table `queue_messages`. Receivers skip each other's locked rows, so any number of
 * them may work at once; a notification that commits with the message wakes them within
 * milliseconds, and a slow poll stands in for notifications that get lost.
 */
export const openPostgresQueue = (
  database: Database,
  log: Log,
  options: PostgresQueueOptions = {},
): Queue => {
  const { name = "object_created", maxReceives = 5, pollSeconds = 5 } = options;
  const { queries } = database;
  const channel = `sluice_queue_${name}`;
  const wakeUp = createWakeUp();
  // Opened by the first receive: a process that only sends needs no listening connection.
  let listening: Promise<() => Promise<void>> | undefined;
  const listen = async () => {
    listening ??= database.listen(channel, wakeUp.wake);
    await listening.catch(() => {
      // Polling goes on without it; the next receive tries again.
      listening = undefined;
    });
  };

  /** Takes due messages, or buries those that came back too often, in one statement. */
  const claim = async (maxMessages: number, visibilitySeconds: number) => {
    // A locking CTE is never inlined, so its LIMIT holds for the update as a whole.
    const due = queries.$with("due").as(
      queries
        .select({ id: queueMessages.id })
        .from(queueMessages)
        .where(
          and(
            eq(queueMessages.queue, name),
            isNull(queueMessages.deadAt),
            lte(queueMessages.visibleAt, sql`now()`),
          ),
        )
        .orderBy(asc(queueMessages.visibleAt), asc(queueMessages.id))
        .limit(maxMessages)
        .for("update", { skipLocked: true }),
    );
    const worn = sql`${queueMessages.receiveCount} >= ${maxReceives}`;
    return await queries
      .with(due)
      .update(queueMessages)
      .set({
        visibleAt: inSeconds(visibilitySeconds),
        receiveCount: sql`case when ${worn} then ${queueMessages.receiveCount} else ${queueMessages.receiveCount} + 1 end`,
        receipt: sql`gen_random_uuid()`,
        deadAt: sql`case when ${worn} then now() end`,
        deadReason: sql`case when ${worn} then 'received ' || ${queueMessages.receiveCount} || ' times without success' end`,
      })
      .from(due)
      .where(eq(queueMessages.id, due.id))
      .returning({
        id: queueMessages.id,
        body: queueMessages.body,
        receiveCount: queueMessages.receiveCount,
        receipt: queueMessages.receipt,
        deadReason: queueMessages.deadReason,
      });
  };

  /** How long to wait at most before looking again: until a hidden message is due, or the poll. */
  const patienceMs = async (): Promise<number> => {
    const [next] = await queries
      .select({
        ms: sql<
          string | null
        >`extract(epoch from ${min(queueMessages.visibleAt)} - clock_timestamp()) * 1000`,
      })
      .from(queueMessages)
      .where(and(eq(queueMessages.queue, name), isNull(queueMessages.deadAt)));
    const dueInMs = next?.ms == null ? Number.POSITIVE_INFINITY : Math.ceil(Number(next.ms));
    return Math.min(Math.max(dueInMs, MIN_WAIT_MS), pollSeconds * 1000);
  };

  const held = (message: QueueMessage) =>
    and(
      eq(queueMessages.id, Number(message.id)),
      eq(queueMessages.receipt, message.receipt),
      isNull(queueMessages.deadAt),
    );

  return {
    send: async (body, { delaySeconds = 0 } = {}) => {
      // One statement: the notification goes out when, and only when, the message is committed.
      await queries.execute(sql`
        with sent as (
          insert into ${queueMessages} (queue, body, visible_at)
          values (${name}, ${JSON.stringify(body)}::text::jsonb, ${inSeconds(delaySeconds)})
          returning id
        )
        select pg_notify(${channel}, '') from sent`);
    },

    receive: async ({ maxMessages, waitSeconds, visibilitySeconds, signal }) => {
      await listen();
      const deadline = performance.now() + waitSeconds * 1000;
      while (!signal.aborted) {
        // Armed before looking, so that a message sent in between is not slept over.
        const woken = wakeUp.next();
        const rows = await claim(maxMessages, visibilitySeconds);
        const messages = rows.flatMap(({ id, deadReason, receipt, ...rest }) => {
          if (deadReason !== null || receipt === null) {
            log.error({ messageId: id, deadReason }, "a queue message was given up");
            return [];
          }
          return [{ ...rest, id: String(id), receipt }];
        });
        const leftMs = deadline - performance.now();
        if (messages.length > 0 || leftMs <= 0) {
          return messages;
        }
        if (rows.length === 0) {
          await woken.within(Math.min(leftMs, await patienceMs()), signal);
        }
      }
      return [];
    },

    extend: async (message, visibilitySeconds) => {
      await queries
        .update(queueMessages)
        .set({ visibleAt: inSeconds(visibilitySeconds) })
        .where(held(message));
    },
    delete: async (message) => {
      await queries.delete(queueMessages).where(held(message));
    },
    deadLetter: async (message, reason) => {
      await queries
        .update(queueMessages)
        .set({ deadAt: sql`now()`, deadReason: reason })
        .where(held(message));
    },
    close: async () => {
      wakeUp.wake();
      const stop = await listening?.catch(() => undefined);
      listening = undefined;
      await stop?.();
    },
  };
};

/** Keeps a message that is due but locked by another receiver from turning the wait into a busy loop. */
const MIN_WAIT_MS = 50;

const inSeconds = (seconds: number) => sql`now() + make_interval(secs => ${seconds})`;
