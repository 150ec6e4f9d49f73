import { expect, test } from "bun:test";
import { exitReason } from "../../../src/launcher/exit-reason.ts";

const ended = { exitCode: null, signal: null, outOfMemory: false };

test("an exit code speaks for itself", () => {
  expect(exitReason({ ...ended, exitCode: 65 })).toEqual({
    code: null,
    reason: "The transcoder ended with exit code 65.",
  });
});

test.each([
  ["SIGSEGV", false, "transcoder_crashed"],
  ["SIGABRT", true, "transcoder_crashed"],
  ["SIGKILL", false, "transcoder_crashed"],
  ["SIGKILL", true, "transcoder_out_of_memory"],
  ["SIGTERM", true, "interrupted"],
  ["SIGALRM", false, "transcode_stalled"],
  ["SIGXCPU", false, "transcoder_crashed"],
] as const)("%s, with a kill for want of memory %p, means %s", (signal, outOfMemory, code) => {
  const exit = exitReason({ ...ended, signal, outOfMemory });
  expect(exit.code).toBe(code);
  expect(exit.reason).toMatch(/^The transcoder .+\.$/);
});
