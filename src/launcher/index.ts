import type { ConsumerConfig } from "../config.ts";
import type { ErrorCode } from "../errors.ts";
import type { Log } from "../log.ts";
import { warnOfConfinement } from "./confinement.ts";
import { openProcessLauncher } from "./process.ts";
import { transcoderCommand } from "./transcoder-command.ts";

/** All a transcoder is given: where to ask and a token for this one attempt. No secret, no database. */
export type LaunchRequest = {
  readonly jobId: string;
  readonly attempt: number;
  readonly token: string;
};

/** How a transcoder ended, as far as the launcher knows. */
export type LaunchExit = {
  readonly jobId: string;
  readonly attempt: number;
  /** Null when it was ended by a signal. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** A code of the catalogue when the launcher knows better than the exit code (out of memory, image pull). */
  readonly code: ErrorCode | null;
  /** A sentence for people; never empty. */
  readonly reason: string;
};

/** What became of a launched transcoder; `lost` when nothing is known of it any more. */
export type LaunchState = "running" | "exited" | "lost";

/** The launcher port. */
export type Launcher = {
  /** Transcoders it runs at once; Infinity where somebody else schedules. */
  readonly capacity: number;
  /**
   * Starts one transcoder. Idempotent per job and attempt where the platform can.
   * @returns a reference that finds it again, also after a restart of this process
   * @throws SluiceError `launch_failed` or `transcoder_missing`
   */
  launch(request: LaunchRequest): Promise<string>;
  inspect(ref: string): Promise<LaunchState>;
  /** Ends it: politely first, by force after a few seconds. Unknown or ended ones are fine. */
  stop(ref: string): Promise<void>;
  /** Calls `listener` at each exit this process gets to know of. */
  onExit(listener: (exit: LaunchExit) => void): void;
  /** Stops listening; running transcoders go on and report to the api. */
  close(): Promise<void>;
};

/** Several reports may get lost before a transcoder that lives is given up. */
const HEARTBEATS_PER_LEASE = 6;

/**
 * Opens the launcher that the settings choose.
 * @param context.environment this process's, of which transcoders get a few harmless names
 */
export const openLauncher = (
  config: Pick<
    ConsumerConfig,
    | "LAUNCHER"
    | "TRANSCODER_PATH"
    | "TRANSCODER_CONFINEMENT"
    | "LEASE_SECONDS"
    | "transcodeConcurrency"
    | "internalUrl"
  >,
  context: { environment: Readonly<Record<string, string | undefined>>; log: Log },
): Launcher => {
  switch (config.LAUNCHER) {
    case "process":
      warnOfConfinement(config.TRANSCODER_CONFINEMENT, context.log);
      return openProcessLauncher({
        command: transcoderCommand(config.TRANSCODER_PATH),
        confinement: config.TRANSCODER_CONFINEMENT,
        capacity: config.transcodeConcurrency,
        internalUrl: config.internalUrl,
        heartbeatSeconds: config.LEASE_SECONDS / HEARTBEATS_PER_LEASE,
        ...context,
      });
  }
};
