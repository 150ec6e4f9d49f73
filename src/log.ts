import pino from "pino";

/** Structured log: one JSON object a line on standard output. Children carry request and job ids. */
export type Log = pino.Logger;

/** @param level least severe level that is written */
export const createLog = (service: string, level: string): Log =>
  pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: briefly },
    redact: ["*.password", "*.token", "*.authorization", "*.cookie"],
  });

/** Message, stack, code and causes: other fields of thrown values can hold whole schemas or requests. */
const briefly = (thrown: unknown): unknown => {
  if (!(thrown instanceof Error)) {
    return thrown;
  }
  const { code } = thrown as { code?: unknown };
  return {
    type: thrown.name,
    message: thrown.message,
    ...(code === undefined ? {} : { code }),
    stack: thrown.stack,
    ...(thrown.cause === undefined ? {} : { cause: briefly(thrown.cause) }),
  };
};
