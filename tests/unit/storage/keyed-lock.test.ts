import { expect, test } from "bun:test";
import { createKeyedLock } from "../../../src/storage/keyed-lock.ts";

test("one key's tasks run one after the other, also after one that failed; others run beside them", async () => {
  const lock = createKeyedLock();
  const events: string[] = [];
  const gate = Promise.withResolvers<void>();
  const task =
    (name: string, wait: Promise<void> = Promise.resolve()) =>
    async () => {
      events.push(`${name} begins`);
      await wait;
      events.push(`${name} ends`);
      return name;
    };
  const failing = lock("a", async () => {
    await gate.promise;
    throw new Error("no luck");
  });
  const waiting = lock("a", task("second"));
  expect(await lock("b", task("beside"))).toBe("beside");
  gate.resolve();
  await expect(failing).rejects.toThrow("no luck");
  expect(await waiting).toBe("second");
  expect(await lock("a", task("third"))).toBe("third");
  expect(events).toEqual([
    "beside begins",
    "beside ends",
    "second begins",
    "second ends",
    "third begins",
    "third ends",
  ]);
});
