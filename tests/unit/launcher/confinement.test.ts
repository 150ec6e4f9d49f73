import { expect, test } from "bun:test";
import { pino } from "pino";
import { confinementSupport } from "../../../src/confinement/support.ts";
import {
  checkConfinement,
  confinementState,
  warnOfConfinement,
} from "../../../src/launcher/confinement.ts";

test("a kernel with Landlock and its network rules leaves nothing to warn of", () => {
  const state = confinementState("prefer", confinementSupport(4));
  expect(state).toEqual({ summary: "landlock 4", warning: null });
  expect(() => checkConfinement("require", state)).not.toThrow();
});

test.each([
  [3, "partial: landlock 3", "network"],
  [2, "partial: landlock 2", "truncating"],
  [0, "none: no landlock", "no Landlock"],
])("version %i is not enough where confinement is required", (abi, summary, reason) => {
  const state = confinementState("require", confinementSupport(abi));
  expect(state.summary).toBe(summary);
  expect(state.warning).toContain(reason);
  expect(() => checkConfinement("require", state)).toThrow(reason);
  expect(() => checkConfinement("prefer", state)).not.toThrow();
});

test("switched off is told as well", () => {
  const lines: { level: number; confinement: string; msg: string }[] = [];
  warnOfConfinement("off", pino({}, { write: (line) => lines.push(JSON.parse(line)) }));
  expect(lines).toMatchObject([{ level: 40, confinement: "off" }]);
  expect(lines[0]?.msg).toContain("NOT FULLY CONFINED");
});
