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
    redact: ["*.password", "*.token", "*.authorization", "*.cookie"],
  });
