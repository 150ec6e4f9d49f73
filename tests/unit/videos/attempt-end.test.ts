import { expect, test } from "bun:test";
import { failureOfExit } from "../../../src/videos/attempt-end.ts";

const exit = (exitCode: number | null, signal: string | null = null) => ({
  exitCode,
  signal,
  code: signal === null ? null : ("transcoder_crashed" as const),
  reason: "It ended.",
});

test.each([
  [65, "source_undecodable", false],
  [66, "source_not_found", false],
  [70, "transcode_failed", true],
  [73, "output_not_writable", true],
  [75, "interrupted", true],
  [143, "interrupted", true],
  [1, "transcoder_crashed", true],
  [0, "transcoder_crashed", true],
] as const)("exit code %i without a report means %s", (exitCode, code, retryable) => {
  expect(failureOfExit(exit(exitCode))).toMatchObject({ code, retryable });
});

test("where the launcher knows better than the exit code, its word counts", () => {
  const killed = { ...exit(null, "SIGKILL"), code: "transcoder_out_of_memory" as const };
  expect(failureOfExit(killed)).toEqual({
    code: "transcoder_out_of_memory",
    message: "The transcoder ran out of memory; retry it or give it more.",
    retryable: true,
    details: { exitCode: null, signal: "SIGKILL", reason: "It ended." },
  });
});
