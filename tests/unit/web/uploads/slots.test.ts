import { expect, test } from "bun:test";
import { createSlots } from "../../../../src/web/uploads/slots.ts";

const never = new AbortController().signal;

test("no more holders than slots, first come first served", async () => {
  const slots = createSlots(1);
  const order: string[] = [];
  const first = await slots.take(never);
  const second = slots.take(never).then((giveBack) => {
    order.push("second");
    giveBack();
  });
  const third = slots.take(never).then(() => order.push("third"));
  expect(order).toEqual([]);
  first();
  await Promise.all([second, third]);
  expect(order).toEqual(["second", "third"]);
});

test("who gives up waiting takes no slot, and giving back twice gives one", async () => {
  const slots = createSlots(1);
  const giveBack = await slots.take(never);
  const leaving = new AbortController();
  const gaveUp = slots.take(leaving.signal);
  leaving.abort(new Error("left"));
  expect(gaveUp).rejects.toThrow("left");
  giveBack();
  giveBack();
  await slots.take(never);
  let entered = false;
  slots.take(never).then(() => {
    entered = true;
  });
  await Bun.sleep(1);
  expect(entered).toBe(false);
});
