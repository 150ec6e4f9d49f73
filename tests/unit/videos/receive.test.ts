import { describe, expect, test } from "bun:test";
import type { Queue, QueueMessage } from "../../../src/queue/index.ts";
import { receiveMessages } from "../../../src/videos/receive.ts";
import { silentLog } from "../../fixtures/jobs.ts";

const messageOf = (number: number): QueueMessage => ({
  id: String(number),
  body: number,
  receiveCount: 1,
  receipt: String(number),
});

/** A queue in memory that hands out numbered messages once. */
const memoryQueue = (count: number) => {
  const waiting = Array.from({ length: count }, (_, index) => messageOf(index));
  const state = { received: 0 };
  const queue: Queue = {
    send: async () => {},
    receive: async ({ maxMessages, signal }) => {
      if (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve());
        });
      }
      await Bun.sleep(0);
      const messages = waiting.splice(0, maxMessages);
      state.received += messages.length;
      return messages;
    },
    extend: async () => {},
    delete: async () => {},
    deadLetter: async () => {},
    close: async () => {},
  };
  return { queue, state };
};

const until = async (met: () => boolean): Promise<void> => {
  while (!met()) await Bun.sleep(1);
};

describe("the receive loop", () => {
  test("messages are handled side by side, a bounded number at once, and none is left", async () => {
    const { queue } = memoryQueue(200);
    const abort = new AbortController();
    const seen: unknown[] = [];
    let active = 0;
    let most = 0;
    const handle = async ({ body }: QueueMessage) => {
      active += 1;
      most = Math.max(most, active);
      await Bun.sleep(2);
      active -= 1;
      seen.push(body);
    };
    const running = receiveMessages({ queue, handle, log: silentLog, signal: abort.signal });
    await until(() => seen.length === 200);
    abort.abort();
    await running;
    expect(new Set(seen).size).toBe(200);
    expect(most).toBeGreaterThan(10);
    expect(most).toBeLessThanOrEqual(40);
  });

  test("a slow message holds up no other, and a bad one neither", async () => {
    const { queue } = memoryQueue(30);
    const abort = new AbortController();
    const { promise: slow, resolve: finish } = Promise.withResolvers<void>();
    const seen: unknown[] = [];
    const handle = async ({ body }: QueueMessage) => {
      if (body === 0) await slow;
      if (body === 1) throw new Error("broken");
      seen.push(body);
    };
    const running = receiveMessages({ queue, handle, log: silentLog, signal: abort.signal });
    await until(() => seen.length === 28);
    abort.abort();
    const ended = await Promise.race([running.then(() => true), Bun.sleep(20).then(() => false)]);
    expect(ended).toBe(false);
    finish();
    await running;
    expect(seen).toHaveLength(29);
  });

  test("while the database is away what was received waits for it, and no more is taken than fits", async () => {
    const { queue, state } = memoryQueue(100);
    const abort = new AbortController();
    const seen: unknown[] = [];
    let away = true;
    const handle = async ({ body }: QueueMessage) => {
      if (away) {
        throw new Error("query failed", {
          cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
        });
      }
      seen.push(body);
    };
    const running = receiveMessages({ queue, handle, log: silentLog, signal: abort.signal });
    await until(() => state.received === 40);
    await Bun.sleep(50);
    expect(state.received).toBe(40);
    away = false;
    await until(() => seen.length === 100);
    abort.abort();
    await running;
    expect(new Set(seen).size).toBe(100);
  });

  test("a stop while the database is away ends at once", async () => {
    const { queue, state } = memoryQueue(5);
    const abort = new AbortController();
    const handle = async () => {
      throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    };
    const running = receiveMessages({ queue, handle, log: silentLog, signal: abort.signal });
    await until(() => state.received === 5);
    abort.abort();
    await running;
  });
});
