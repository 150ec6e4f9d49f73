import type { ErrorCode, SluiceError } from "../errors.ts";

/** What the transcoder tells whoever started it; the numbers of sysexits.h and of the shell (128 + signal). */
export const EXIT = {
  ok: 0,
  /** The command line is wrong. */
  usage: 64,
  /** The source cannot be used; never retried. */
  sourceUnusable: 65,
  /** There is no such input. */
  noInput: 66,
  /** Our fault. */
  software: 70,
  /** The output cannot be written. */
  cannotCreate: 73,
  /** Try again. */
  temporary: 75,
  /** A setting is wrong. */
  badSettings: 78,
  /** Ctrl-C. */
  interrupted: 130,
  /** SIGTERM. */
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_CODE: Partial<Record<ErrorCode, ExitCode>> = {
  source_not_found: EXIT.noInput,
  output_not_writable: EXIT.cannotCreate,
  output_full: EXIT.cannotCreate,
  transcode_stalled: EXIT.temporary,
  attempt_superseded: EXIT.temporary,
  interrupted: EXIT.temporary,
  launch_failed: EXIT.temporary,
};

/** Exit code for an error that ended the work. */
export const exitCodeFor = (error: SluiceError): ExitCode =>
  BY_CODE[error.code] ?? (error.fault === "source" ? EXIT.sourceUnusable : EXIT.software);

/** Whether a later attempt may succeed where this one failed. */
export const isRetryable = (error: SluiceError): boolean =>
  error.fault === "platform" && error.code !== "attempt_superseded";
