import { FFmpegError } from "node-av/lib";

/** A call of the binding that failed; `code` is the negative AVERROR. */
export class AvError extends Error {
  override readonly name = "AvError";
  readonly code: number;

  constructor(code: number, what: string) {
    super(`${what}: ${FFmpegError.strerror(code)} (${code})`);
    this.code = code;
  }
}

/** Returns `code`, or throws an `AvError` when it is negative. `what` names the step for the log. */
export const check = (code: number, what: string): number => {
  if (code < 0) throw new AvError(code, what);
  return code;
};

/** For calls that hand out null where something that must exist is missing. */
export const present = <T>(value: T | null | undefined, what: string): T => {
  if (value === null || value === undefined) throw new Error(`${what} is not in this build`);
  return value;
};
