import type { ConsumerConfig } from "../config.ts";
import type { ErrorCode } from "../errors.ts";
import type { Log } from "../log.ts";
import { listOf } from "../settings/launcher.ts";
import { warnOfConfinement } from "./confinement.ts";
import { openEcsLauncher } from "./ecs.ts";
import { openProcessLauncher } from "./process.ts";
import { transcoderCommand } from "./transcoder-command.ts";

/** What a launch needs to know; of it a transcoder gets the first three: no secret, no database. */
export type LaunchRequest = {
  readonly jobId: string;
  readonly attempt: number;
  readonly token: string;
  /** Size of the uploaded file: where each transcoder gets a machine of its own, this chooses how large. */
  readonly sourceBytes: number;
  /** Attempts of this job that failed before; another try is given more room where that is possible. */
  readonly failedAttempts: number;
};

/**
 * What a job does after its transcoder ended without having said so.
 * - `count`: it is tried again as long as the limit of attempts allows;
 * - `spare`: the same, but the attempt was not to blame and does not count;
 * - `give-up`: it would end the same way until somebody mends the installation.
 */
export type AfterExit = "count" | "spare" | "give-up";

/** How a transcoder ended, as far as the launcher knows. */
export type LaunchEnd = {
  /** Null when it was ended by a signal, or never ran. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** A code of the catalogue when the launcher knows better than the exit code (out of memory, image pull). */
  readonly code: ErrorCode | null;
  /** A sentence for people; never empty. */
  readonly reason: string;
  readonly after: AfterExit;
};

export type LaunchExit = LaunchEnd & { readonly jobId: string; readonly attempt: number };

/**
 * What became of a launched transcoder. `starting`: the platform is still finding a place, fetching the
 * image or the like, so that it cannot report yet. `lost`: nothing is known of it (any more).
 */
export type LaunchState =
  | { readonly kind: "starting" | "running" | "lost" }
  /** `end` is null where only that it ended is known. */
  | { readonly kind: "exited"; readonly end: LaunchEnd | null };

/** The launcher port. */
export type Launcher = {
  /** Transcoders it runs at once; Infinity where somebody else schedules. */
  readonly capacity: number;
  /** For how long a launched transcoder may be silent because it is still being started; 0 where that takes no time. */
  readonly startSeconds: number;
  /**
   * Starts one transcoder. Idempotent per job and attempt where the platform can.
   * @returns a reference that finds it again, also after a restart of this process
   * @throws SluiceError `launch_deferred` (no room, nothing was started), `launch_uncertain` (it may
   *   have been started; `find` tells), `launch_misconfigured`, `transcoder_missing` or `launch_failed`
   */
  launch(request: LaunchRequest): Promise<string>;
  /** Finds the reference of a launch whose answer got lost; null when there is none to be found. */
  find(launched: Pick<LaunchRequest, "jobId" | "attempt">): Promise<string | null>;
  /** References that could not be looked up this time are absent from the answer. */
  inspect(refs: readonly string[]): Promise<ReadonlyMap<string, LaunchState>>;
  /**
   * Ends it: politely first, by force after a while. Unknown or ended ones are fine.
   * @returns whether it is gone; otherwise `inspect` tells when it is
   */
  stop(ref: string): Promise<"gone" | "stopping">;
  /** Calls `listener` at each exit this process gets to know of. */
  onExit(listener: (exit: LaunchExit) => void): void;
  /** Stops listening; running transcoders go on and report to the api. */
  close(): Promise<void>;
};

/** Several reports may get lost before a transcoder that lives is given up. */
const HEARTBEATS_PER_LEASE = 6;

type LauncherConfig = Pick<
  ConsumerConfig,
  | "LAUNCHER"
  | "STORAGE"
  | "TRANSCODER_PATH"
  | "TRANSCODER_CONFINEMENT"
  | "LEASE_SECONDS"
  | "transcodeConcurrency"
  | "internalUrl"
  | "AWS_REGION"
  | "AWS_ENDPOINT_URL_ECS"
  | Extract<keyof ConsumerConfig, `ECS_${string}`>
> & {
  /** The api's alone; a consumer by itself does not know. */
  readonly TRANSCODER_ROLE_ARN?: string;
};

/**
 * Opens the launcher that the settings choose.
 * @param context.environment this process's, of which child processes get a few harmless names
 */
export const openLauncher = (
  config: LauncherConfig,
  context: { environment: Readonly<Record<string, string | undefined>>; log: Log },
): Launcher => {
  const shared = {
    confinement: config.TRANSCODER_CONFINEMENT,
    internalUrl: config.internalUrl,
    heartbeatSeconds: config.LEASE_SECONDS / HEARTBEATS_PER_LEASE,
  };
  switch (config.LAUNCHER) {
    case "process":
      warnOfConfinement(config.TRANSCODER_CONFINEMENT, context.log);
      return openProcessLauncher({
        ...shared,
        command: transcoderCommand(config.TRANSCODER_PATH),
        capacity: config.transcodeConcurrency,
        sharesAwsCredentials: config.STORAGE === "s3" && config.TRANSCODER_ROLE_ARN === undefined,
        ...context,
      });
    case "ecs":
      return openEcsLauncher({
        ...shared,
        // The table of needs has seen to those without a default.
        region: config.AWS_REGION ?? "",
        cluster: config.ECS_CLUSTER ?? "",
        taskDefinition: config.ECS_TASK_DEFINITION ?? "",
        subnets: listOf(config.ECS_SUBNETS ?? ""),
        securityGroups: listOf(config.ECS_SECURITY_GROUPS ?? ""),
        containerName: config.ECS_CONTAINER_NAME,
        assignPublicIp: config.ECS_ASSIGN_PUBLIC_IP,
        launchType: config.ECS_LAUNCH_TYPE ?? null,
        capacityProviders: listOf(config.ECS_CAPACITY_PROVIDERS),
        capacity: config.ECS_MAX_TASKS,
        endpoint: config.AWS_ENDPOINT_URL_ECS,
        log: context.log,
      });
  }
};
