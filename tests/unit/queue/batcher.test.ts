import { describe, expect, test } from "bun:test";
import { createBatcher } from "../../../src/queue/batcher.ts";

describe("gathering calls into requests", () => {
  test("a full batch goes at once, the rest after a moment", async () => {
    const sent: number[][] = [];
    const batcher = createBatcher<number>({
      most: 3,
      gatherMs: 1,
      send: async (items) => {
        sent.push([...items]);
        return items.map(() => null);
      },
    });
    await Promise.all([1, 2, 3, 4].map((item) => batcher.add(item)));
    expect(sent).toEqual([[1, 2, 3], [4]]);
  });

  test("one that failed is its caller's alone, and a request that failed is everybody's", async () => {
    const batcher = createBatcher<number>({
      most: 2,
      gatherMs: 1,
      send: async (items) => {
        if (items.includes(9)) throw new Error("away");
        return items.map((item) => (item === 2 ? new Error("two") : null));
      },
    });
    const first = await Promise.allSettled([batcher.add(1), batcher.add(2)]);
    expect(first.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    const second = await Promise.allSettled([batcher.add(1), batcher.add(9)]);
    expect(second.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  test("flush sends what waits and returns when it has arrived", async () => {
    let arrived = 0;
    const batcher = createBatcher<number>({
      most: 10,
      gatherMs: 60_000,
      send: async (items) => {
        await Bun.sleep(5);
        arrived += items.length;
        return items.map(() => null);
      },
    });
    const added = batcher.add(1);
    await batcher.flush();
    expect(arrived).toBe(1);
    await added;
    await batcher.flush();
  });
});
