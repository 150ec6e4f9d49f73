import { afterEach, beforeEach, expect, test } from "bun:test";
import { eq, sql } from "drizzle-orm";
import type { Database } from "../../src/db/index.ts";
import { queueMessages } from "../../src/db/schema.ts";
import { createLog } from "../../src/log.ts";
import type { Queue } from "../../src/queue/index.ts";
import { openPostgresQueue } from "../../src/queue/postgres.ts";
import { describeOnDatabases } from "../fixtures/databases.ts";

const silent = createLog("test", "silent");
const never = new AbortController().signal;

describeOnDatabases("the queue port: postgres", (open, kind) => {
  let database: Database;
  let queue: Queue;
  beforeEach(async () => {
    database = await open();
    queue = openPostgresQueue(database, silent, { maxReceives: 3 });
  });
  afterEach(async () => {
    await queue.close();
    await database.close();
  });

  const receive = (options: { maxMessages?: number; waitSeconds?: number } = {}, from = queue) =>
    from.receive({
      maxMessages: 10,
      waitSeconds: 0,
      visibilitySeconds: 30,
      signal: never,
      ...options,
    });
  /** Lets the visibility timeout of everything pass. */
  const passVisibility = () =>
    database.queries.update(queueMessages).set({ visibleAt: sql`now()` });
  const only = <T>(items: readonly T[]): T => {
    expect(items).toHaveLength(1);
    return items[0] as T;
  };

  test("a message arrives once, as it was sent, and is gone when deleted", async () => {
    const body = { text: "Ä „quoted“", list: [1, null, true] };
    await queue.send(body);
    const message = only(await receive());
    expect(message).toMatchObject({ body, receiveCount: 1 });
    expect(await receive()).toEqual([]);
    await queue.delete(message);
    await passVisibility();
    expect(await receive()).toEqual([]);
  });

  test("at most maxMessages come at once, and none is left behind", async () => {
    for (const number of [1, 2, 3, 4, 5]) {
      await queue.send(number);
    }
    const first = await receive({ maxMessages: 3 });
    const rest = await receive({ maxMessages: 3 });
    expect([...first, ...rest].map(({ body }) => body)).toEqual([1, 2, 3, 4, 5]);
    expect(first).toHaveLength(3);
  });

  test("a message that is not deleted comes back, and only the newest receipt counts", async () => {
    await queue.send("again");
    const first = only(await receive());
    await passVisibility();
    const second = only(await receive());
    expect(second).toMatchObject({ id: first.id, receiveCount: 2 });
    await queue.delete(first);
    await queue.deadLetter(first, "stale");
    await queue.extend(first, 0);
    expect(await receive()).toEqual([]);
    await queue.extend(second, 0);
    expect(only(await receive()).receiveCount).toBe(3);
  });

  test("a message that comes back too often is kept with the dead letters", async () => {
    await queue.send("poison");
    for (const count of [1, 2, 3]) {
      expect(only(await receive()).receiveCount).toBe(count);
      await passVisibility();
    }
    expect(await receive()).toEqual([]);
    const row = only(await database.queries.select().from(queueMessages));
    expect(row).toMatchObject({
      body: "poison",
      receiveCount: 3,
      deadReason: "received 3 times without success",
    });
  });

  test("a dead letter keeps its reason and is never delivered again", async () => {
    await queue.send("odd");
    await queue.deadLetter(only(await receive()), "not a message of ours");
    await passVisibility();
    expect(await receive()).toEqual([]);
    expect(only(await database.queries.select().from(queueMessages)).deadReason).toBe(
      "not a message of ours",
    );
  });

  test("a delayed message is hidden until it is due, then wakes the waiting receiver", async () => {
    await queue.send("later", { delaySeconds: 0.2 });
    expect(await receive()).toEqual([]);
    expect(only(await receive({ waitSeconds: 10 })).body).toBe("later");
  });

  test("a waiting receiver is woken by a message, also one sent by another process", async () => {
    const other = openPostgresQueue(database, silent);
    const waiting = receive({ waitSeconds: 10 });
    await Bun.sleep(50);
    await other.send("wake up");
    expect(only(await waiting).body).toBe("wake up");
    await other.close();
  });

  test("a lost notification costs no more than a poll", async () => {
    const polling = openPostgresQueue(database, silent, { pollSeconds: 0.2 });
    const waiting = receive({ waitSeconds: 10 }, polling);
    await Bun.sleep(50);
    await database.queries
      .insert(queueMessages)
      .values({ queue: "object_created", body: "unannounced" });
    expect(only(await waiting).body).toBe("unannounced");
    await polling.close();
  });

  test("an aborted wait ends at once with nothing", async () => {
    const abort = new AbortController();
    const waiting = queue.receive({
      maxMessages: 1,
      waitSeconds: 3600,
      visibilitySeconds: 30,
      signal: abort.signal,
    });
    await Bun.sleep(20);
    abort.abort();
    expect(await waiting).toEqual([]);
  });

  test("queues do not see each other's messages", async () => {
    const other = openPostgresQueue(database, silent, { name: "other" });
    await other.send("theirs");
    expect(await receive()).toEqual([]);
    expect(only(await receive({}, other)).body).toBe("theirs");
    await other.close();
  });

  if (kind === "postgres") {
    test("receivers that race for messages each get their own", async () => {
      const sent = Array.from({ length: 60 }, (_, index) => index);
      await Promise.all(sent.map((body) => queue.send(body)));
      const drain = async (): Promise<unknown[]> => {
        const bodies: unknown[] = [];
        for (;;) {
          const messages = await receive({ maxMessages: 3 });
          if (messages.length === 0) {
            return bodies;
          }
          bodies.push(...messages.map(({ body }) => body));
        }
      };
      const received = (await Promise.all(Array.from({ length: 8 }, drain))).flat();
      expect(received.toSorted((a, b) => Number(a) - Number(b))).toEqual(sent);
    });

    test("a message that another receiver is just taking does not hold anyone up", async () => {
      await queue.send("locked");
      await queue.send("free");
      await database.queries.transaction(async (tx) => {
        await tx.select().from(queueMessages).where(eq(queueMessages.body, "locked")).for("update");
        expect(only(await receive()).body).toBe("free");
      });
      expect(only(await receive()).body).toBe("locked");
    });
  }
});
