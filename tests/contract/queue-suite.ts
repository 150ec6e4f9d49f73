/** What every adapter of the queue port must do; the files that call this open the adapter. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Queue, QueueMessage } from "../../src/queue/index.ts";

/** How often a message may be received in these tests before it is given up. */
export const MAX_RECEIVES = 3;

export type OpenedQueue = {
  readonly queue: Queue;
  /** The same queue, as another process opens it. */
  another(): Queue;
  /** A queue beside it. */
  other(): Promise<Queue>;
  /** Lets the visibility timeout of everything that was received pass. */
  passVisibility(): Promise<void>;
  /** Bodies of what was given up. */
  deadLetters(): Promise<unknown[]>;
  close(): Promise<void>;
};

export const only = <T>(items: readonly T[]): T => {
  expect(items).toHaveLength(1);
  return items[0] as T;
};

const never = new AbortController().signal;

/** Receives what is there now. */
export const receiveFrom = (
  queue: Queue,
  options: Partial<Parameters<Queue["receive"]>[0]> = {},
): Promise<QueueMessage[]> =>
  queue.receive({
    maxMessages: 10,
    waitSeconds: 0,
    visibilitySeconds: 30,
    signal: never,
    ...options,
  });

/** Defines the tests; call it within a `describe`. */
export const queueContract = (open: () => Promise<OpenedQueue>): void => {
  let opened: OpenedQueue;
  let queue: Queue;
  beforeEach(async () => {
    opened = await open();
    queue = opened.queue;
  });
  afterEach(async () => {
    await opened.close();
  });
  const receive = (options: Parameters<typeof receiveFrom>[1] = {}) => receiveFrom(queue, options);

  test("a message arrives once, as it was sent, and is gone when deleted", async () => {
    const body = { text: "Ä „quoted“", list: [1, null, true] };
    await queue.send(body);
    const message = only(await receive());
    expect(message).toMatchObject({ body, receiveCount: 1 });
    expect(await receive()).toEqual([]);
    await queue.delete(message);
    await opened.passVisibility();
    expect(await receive()).toEqual([]);
  });

  test("at most maxMessages come at once, and none is left behind", async () => {
    for (const number of [1, 2, 3, 4, 5]) {
      await queue.send(number);
    }
    const first = await receive({ maxMessages: 3 });
    expect(first).toHaveLength(3);
    const bodies = first.map(({ body }) => body);
    for (let more = await receive(); more.length > 0; more = await receive()) {
      bodies.push(...more.map(({ body }) => body));
    }
    expect(bodies.toSorted()).toEqual([1, 2, 3, 4, 5]);
  });

  test("many that are deleted at once are all gone", async () => {
    const sent = Array.from({ length: 25 }, (_, number) => number);
    await Promise.all(sent.map((body) => queue.send(body)));
    const messages: QueueMessage[] = [];
    for (let more = await receive(); more.length > 0; more = await receive()) {
      messages.push(...more);
    }
    expect(messages).toHaveLength(25);
    await Promise.all(messages.map((message) => queue.delete(message)));
    await opened.passVisibility();
    expect(await receive()).toEqual([]);
  });

  test("a message that is not deleted comes back, and a receipt can be used up", async () => {
    await queue.send("again");
    const first = only(await receive());
    await opened.passVisibility();
    const second = only(await receive());
    expect(second).toMatchObject({ id: first.id, receiveCount: 2 });
    await queue.extend(second, 0);
    const third = only(await receive());
    expect(third.receiveCount).toBe(3);
    await queue.delete(third);
    await queue.delete(third);
    await queue.extend(third, 30);
    expect(await receive()).toEqual([]);
  });

  test("a message that is extended stays hidden", async () => {
    await queue.send("slow");
    const message = only(await receive({ visibilitySeconds: 1 }));
    await queue.extend(message, 30);
    await Bun.sleep(1_200);
    expect(await receive()).toEqual([]);
  });

  test("a message that comes back too often is kept with the dead letters", async () => {
    await queue.send("poison");
    for (let count = 1; count <= MAX_RECEIVES; count += 1) {
      expect(only(await receive()).receiveCount).toBe(count);
      await opened.passVisibility();
    }
    expect(await receive()).toEqual([]);
    expect(await opened.deadLetters()).toEqual(["poison"]);
  });

  test("what is given up ends with the dead letters and holds up nothing", async () => {
    await queue.send("odd");
    await queue.deadLetter(only(await receive()), "not a message of ours");
    await queue.send("good");
    await queue.delete(only(await receive()));
    for (let count = 1; count <= MAX_RECEIVES; count += 1) {
      await opened.passVisibility();
      await receive();
    }
    expect(await receive()).toEqual([]);
    expect(await opened.deadLetters()).toEqual(["odd"]);
  });

  test("a delayed message is hidden until it is due, then reaches the waiting receiver", async () => {
    await queue.send("later", { delaySeconds: 1 });
    expect(await receive()).toEqual([]);
    expect(only(await receive({ waitSeconds: 10 })).body).toBe("later");
  });

  test("a waiting receiver gets a message that another process sends", async () => {
    const other = opened.another();
    const waiting = receive({ waitSeconds: 10 });
    await Bun.sleep(50);
    await other.send("wake up");
    expect(only(await waiting).body).toBe("wake up");
    await other.close();
  });

  test("an aborted wait ends at once with nothing", async () => {
    const abort = new AbortController();
    const waiting = receive({ maxMessages: 1, waitSeconds: 3600, signal: abort.signal });
    await Bun.sleep(50);
    const abortedAt = performance.now();
    abort.abort();
    expect(await waiting).toEqual([]);
    expect(performance.now() - abortedAt).toBeLessThan(AT_ONCE_MS);
    expect(await receive({ signal: abort.signal, waitSeconds: 10 })).toEqual([]);
  });

  test("queues do not see each other's messages", async () => {
    const other = await opened.other();
    await other.send("theirs");
    expect(await receive()).toEqual([]);
    expect(only(await receiveFrom(other)).body).toBe("theirs");
    await other.close();
  });
};

/** Far below the wait that was aborted, far above what a busy machine needs. */
const AT_ONCE_MS = 5_000;
