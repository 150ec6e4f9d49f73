import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { eq, isNotNull, sql } from "drizzle-orm";
import type { Database } from "../../src/db/index.ts";
import { queueMessages } from "../../src/db/schema.ts";
import { createLog } from "../../src/log.ts";
import type { Queue } from "../../src/queue/index.ts";
import { openPostgresQueue } from "../../src/queue/postgres.ts";
import { describeOnDatabases } from "../fixtures/databases.ts";
import { MAX_RECEIVES, only, queueContract, receiveFrom } from "./queue-suite.ts";

const silent = createLog("test", "silent");

describeOnDatabases("the queue port: postgres", (open, kind) => {
  let database: Database;
  let queue: Queue;
  /** Lets the visibility timeout of everything pass. */
  const passVisibility = async () => {
    await database.queries.update(queueMessages).set({ visibleAt: sql`now()` });
  };

  describe("contract", () => {
    queueContract(async () => {
      database = await open();
      queue = openPostgresQueue(database, silent, { maxReceives: MAX_RECEIVES });
      return {
        queue,
        another: () => openPostgresQueue(database, silent),
        other: async () => openPostgresQueue(database, silent, { name: "other" }),
        passVisibility,
        deadLetters: async () => {
          const rows = await database.queries
            .select()
            .from(queueMessages)
            .where(isNotNull(queueMessages.deadAt));
          return rows.map(({ body }) => body);
        },
        close: async () => {
          await queue.close();
          await database.close();
        },
      };
    });
  });

  describe("of its own", () => {
    beforeEach(async () => {
      database = await open();
      queue = openPostgresQueue(database, silent, { maxReceives: MAX_RECEIVES });
    });
    afterEach(async () => {
      await queue.close();
      await database.close();
    });
    const receive = (options: Parameters<typeof receiveFrom>[1] = {}, from = queue) =>
      receiveFrom(from, options);

    test("only the newest receipt counts", async () => {
      await queue.send("again");
      const first = only(await receive());
      await passVisibility();
      const second = only(await receive());
      await queue.delete(first);
      await queue.deadLetter(first, "stale");
      await queue.extend(first, 0);
      expect(await receive()).toEqual([]);
      await queue.extend(second, 0);
      expect(only(await receive()).receiveCount).toBe(3);
    });

    test("dead letters keep the reason at once", async () => {
      await queue.send("poison");
      for (let count = 1; count <= MAX_RECEIVES; count += 1) {
        await receive();
        await passVisibility();
      }
      expect(await receive()).toEqual([]);
      await queue.send("odd");
      await queue.deadLetter(only(await receive()), "not a message of ours");
      await passVisibility();
      expect(await receive()).toEqual([]);
      const rows = await database.queries.select().from(queueMessages).orderBy(queueMessages.id);
      expect(rows).toMatchObject([
        { body: "poison", receiveCount: 3, deadReason: "received 3 times without success" },
        { body: "odd", deadReason: "not a message of ours" },
      ]);
    });

    test("a delay may be shorter than a second", async () => {
      await queue.send("later", { delaySeconds: 0.2 });
      expect(await receive()).toEqual([]);
      expect(only(await receive({ waitSeconds: 10 })).body).toBe("later");
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
          await tx
            .select()
            .from(queueMessages)
            .where(eq(queueMessages.body, "locked"))
            .for("update");
          expect(only(await receive()).body).toBe("free");
        });
        expect(only(await receive()).body).toBe("locked");
      });
    }
  });
});
