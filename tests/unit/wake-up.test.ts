import { expect, test } from "bun:test";
import { createWakeUp } from "../../src/wake-up.ts";

const never = new AbortController().signal;
const HOUR_MS = 3_600_000;

test("a wake-up between arming and waiting is not slept over", async () => {
  const wakeUp = createWakeUp();
  const wait = wakeUp.next();
  wakeUp.wake();
  await wait.within(HOUR_MS, never);
});

test("everyone who waits is woken, and whoever armed later is not woken by an earlier one", async () => {
  const wakeUp = createWakeUp();
  const both = Promise.all(
    [wakeUp.next(), wakeUp.next()].map((wait) => wait.within(HOUR_MS, never)),
  );
  wakeUp.wake();
  await both;
  let late = "waits";
  const later = wakeUp
    .next()
    .within(20, never)
    .then(() => {
      late = "timed out";
    });
  await Promise.resolve();
  expect(late).toBe("waits");
  await later;
});

test("a wait ends with its time or its signal", async () => {
  const wakeUp = createWakeUp();
  await wakeUp.next().within(1, never);
  const abort = new AbortController();
  const wait = wakeUp.next().within(HOUR_MS, abort.signal);
  abort.abort();
  await wait;
  await wakeUp.next().within(HOUR_MS, abort.signal);
});
