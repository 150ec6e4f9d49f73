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
    serializers: { err: loggable },
    redact: ["*.password", "*.token", "*.authorization", "*.cookie"],
  });

/** Message, stack, code and causes: other fields of thrown values can hold whole schemas or requests. */
export const loggable = (thrown: unknown): unknown => {
  if (!(thrown instanceof Error)) {
    return thrown;
  }
  const { code } = thrown as { code?: unknown };
  return {
    type: thrown.name,
    message: withoutValues(thrown.message),
    ...(code === undefined ? {} : { code }),
    stack: thrown.stack && withoutValues(thrown.stack),
    ...(thrown.cause === undefined ? {} : { cause: loggable(thrown.cause) }),
  };
};

/** Drizzle's message of a failed query ends in the values: addresses, names, hashes of passwords. */
const withoutValues = (text: string): string =>
  text.replace(/^((?:\w*Error: )?Failed query: .*?)\nparams: .*?(?=\n {4}at |$)/s, "$1");
