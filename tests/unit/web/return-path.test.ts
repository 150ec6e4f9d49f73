import { expect, test } from "bun:test";
import { safeReturnPath, signInPath } from "../../../src/web/return-path.ts";

test("the way back leads into this page alone", () => {
  expect(safeReturnPath("/watch/1?format=hls")).toBe("/watch/1?format=hls");
  for (const elsewhere of [
    undefined,
    "",
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
  ]) {
    expect(safeReturnPath(elsewhere)).toBe("/");
  }
});

test("the sign-in address carries the way back through", () => {
  const address = new URL(signInPath("/watch/1?a=b&c=d"), "http://sluice.example");
  expect(safeReturnPath(address.searchParams.get("next") ?? undefined)).toBe("/watch/1?a=b&c=d");
});
