import { expect, test } from "bun:test";
import { createRepair } from "../../../../src/web/player/repair.ts";

const scene = () => {
  const happened: string[] = [];
  let nowMs = 0;
  let reloading = Promise.withResolvers<void>();
  const repair = createRepair({
    reload: () => {
      happened.push("reload");
      reloading = Promise.withResolvers<void>();
      return reloading.promise;
    },
    onFailure: () => happened.push("failure"),
    nowMs: () => nowMs,
  });
  return {
    happened,
    repair,
    finish: (how: "well" | "badly") =>
      how === "well" ? reloading.resolve() : reloading.reject(new Error("still broken")),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
};

test("what breaks while it is being mended is part of the same break", async () => {
  const { happened, repair, finish } = scene();
  const first = repair();
  await repair();
  await repair();
  finish("well");
  await first;
  expect(happened).toEqual(["reload"]);
});

test("a play that breaks again at once is given up; hours later it is mended again", async () => {
  const { happened, repair, finish, pass } = scene();
  const first = repair();
  finish("well");
  await first;
  pass(1_000);
  await repair();
  expect(happened).toEqual(["reload", "failure"]);
  pass(6 * 3_600_000);
  const later = repair();
  finish("well");
  await later;
  expect(happened).toEqual(["reload", "failure", "reload"]);
});

test("a reload that fails is told once", async () => {
  const { happened, repair, finish } = scene();
  const first = repair();
  await repair();
  finish("badly");
  await first;
  expect(happened).toEqual(["reload", "failure"]);
});
