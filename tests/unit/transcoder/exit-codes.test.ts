import { expect, test } from "bun:test";
import { errorCatalogue, isErrorCode, SluiceError } from "../../../src/errors.ts";
import { exitCodeFor, isRetryable } from "../../../src/transcoder/exit-codes.ts";

test.each([
  ["source_truncated", 65, false],
  ["source_no_streams", 65, false],
  ["source_not_found", 66, false],
  ["output_not_writable", 73, true],
  ["output_full", 73, true],
  ["transcode_failed", 70, true],
  ["transcode_stalled", 75, true],
  ["interrupted", 75, true],
  ["attempt_superseded", 75, false],
] as const)("%s ends with %d", (code, exit, retryable) => {
  const error = new SluiceError(code);
  expect([exitCodeFor(error), isRetryable(error)]).toEqual([exit, retryable]);
});

test("what is wrong with a source never looks like something to try again", () => {
  for (const code of Object.keys(errorCatalogue).filter(isErrorCode)) {
    const error = new SluiceError(code);
    if (error.fault === "source")
      expect([exitCodeFor(error), isRetryable(error)]).toEqual([65, false]);
  }
});
