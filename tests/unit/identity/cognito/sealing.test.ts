import { expect, test } from "bun:test";
import { createSealing } from "../../../../src/identity/cognito/sealing.ts";
import { deriveKeys } from "../../../../src/keys.ts";

const keys = deriveKeys("0123456789abcdef0123456789abcdef");

test("what was sealed opens with its key alone, and only unchanged", async () => {
  const sealing = createSealing(keys("challenge"));
  const sealed = await sealing.seal({ session: "secret words" });
  expect(sealed).not.toContain("secret");
  expect(Buffer.from(sealed, "base64url").toString()).not.toContain("secret words");
  expect(await sealing.open(sealed)).toEqual({ session: "secret words" });
  expect(await createSealing(keys("cognito-tokens")).open(sealed)).toBeNull();
  const changed = sealed.replace(/(.)(.{9})$/, (_, one, rest) => (one === "A" ? "B" : "A") + rest);
  for (const other of [
    changed,
    "",
    "a.b.c",
    sealed.slice(1),
    sealed.split(".").reverse().join("."),
  ]) {
    expect(await sealing.open(other)).toBeNull();
  }
});
