import type { Log } from "./log.ts";

/** A step of an orderly end: what it is called in the log, and what it does. */
export type ShutdownStep = {
  readonly name: string;
  readonly run: () => Promise<unknown> | unknown;
};

const exitAtOnce = (signal: NodeJS.Signals): never => process.exit(signal === "SIGINT" ? 130 : 143);

/**
 * Ends the process at SIGTERM and SIGINT until `untilAskedToStop` takes over. Elsewhere the system does
 * so by itself; a container's process 1 is spared every signal that it has no handler for, and would
 * be waited for and killed.
 */
export const exitWhenAskedToStop = (): void => {
  process.on("SIGTERM", exitAtOnce);
  process.on("SIGINT", exitAtOnce);
};

/**
 * Resolves at the first SIGTERM or SIGINT. A second one ends the process at once: whoever presses
 * Ctrl-C twice means it.
 */
export const untilAskedToStop = (log: Log): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (asked) {
        log.warn({ signal }, "stopping at once");
        exitAtOnce(signal);
      }
      asked = true;
      log.info({ signal }, "stopping; a second signal stops at once");
      resolve(signal);
    };
    for (const name of ["SIGTERM", "SIGINT"] as const) {
      process.on(name, onSignal);
      process.off(name, exitAtOnce);
    }
  });

/**
 * Runs the steps in order, each to its end, whatever the ones before it did. The whole is bounded,
 * so that a hung connection cannot keep the process: orchestrators kill after 30 s (ECS, Docker 10 s).
 * @returns whether every step succeeded in time
 */
export const shutDown = async (
  log: Log,
  steps: readonly ShutdownStep[],
  withinSeconds = 9,
): Promise<boolean> => {
  let clean = true;
  const runAll = async () => {
    for (const step of steps) {
      try {
        await step.run();
      } catch (error) {
        clean = false;
        log.error({ err: error, step: step.name }, "a shutdown step failed");
      }
    }
  };
  const timeout = Bun.sleep(withinSeconds * 1000).then(() => "late" as const);
  if ((await Promise.race([runAll(), timeout])) === "late") {
    log.error({ withinSeconds }, "shutdown took too long");
    return false;
  }
  return clean;
};
