import { expect, test } from "bun:test";
import { join } from "node:path";

test("a replaced process keeps its id and arguments and gets the new environment", async () => {
  const script = join(import.meta.dir, "../../fixtures/replaced-process.ts");
  const args = ["a b", "", "ü\n", "--json"];
  const child = Bun.spawn([process.execPath, script, ...args], { stdout: "pipe" });
  expect(await new Response(child.stdout).json()).toEqual({
    // Elsewhere the program goes on as it is.
    ...(process.platform === "linux" ? { replaced: "così è" } : {}),
    isSameProcess: process.platform === "linux",
    args,
  });
  expect(await child.exited).toBe(0);
});
