import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { SluiceError } from "../errors.ts";
import type { Log } from "../log.ts";
import { exitReason } from "./exit-reason.ts";
import type { LaunchExit, Launcher, LaunchRequest, LaunchState } from "./index.ts";
import { type JobEnvironmentOptions, jobEnvironment } from "./job-environment.ts";
import { logLines } from "./process-output.ts";
import { formatRef, parseRef, refOf, stateOf } from "./process-ref.ts";
import { checkCommand } from "./transcoder-command.ts";

export type ProcessLauncherOptions = JobEnvironmentOptions & {
  /** Program and first arguments; `job` is added. */
  readonly command: readonly [string, ...string[]];
  /** Transcoders at once. */
  readonly capacity: number;
  /** This process's environment, of which a transcoder gets a few harmless names. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** How long a transcoder may take to end when asked, before it is killed. Default 5. */
  readonly stopSeconds?: number;
  /** Whether transcoders reach S3 with this process's own credentials. Default false. */
  readonly sharesAwsCredentials?: boolean;
};

/** What a transcoder needs of our environment: to run, to unpack itself, to write readable text. */
const PASSED_ON = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "BUN_TMPDIR"] as const;

/** By which the SDK finds credentials (its default chain); nothing of it where media lie on disk. */
const AWS_CREDENTIALS = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_PROFILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_ROLE_ARN",
  "AWS_EC2_METADATA_DISABLED",
] as const;

/** Above 0 so that the api answers while every processor transcodes; 19 would starve on a busy machine. */
const TRANSCODER_NICENESS = 10;

const LOOK_EVERY_MS = 20;

/** Runs transcoders as child processes of this one, each in a process group of its own, which they outlive. */
export const openProcessLauncher = (options: ProcessLauncherOptions): Launcher => {
  const { command, capacity, log, stopSeconds = 5 } = options;
  const listeners = new Set<(exit: LaunchExit) => void>();
  /** Launches of this process, so that a repeated one starts no second transcoder. */
  const launched = new Map<string, Promise<string>>();

  const launch = async (request: LaunchRequest): Promise<string> => {
    await checkCommand(command);
    const oomKillsBefore = await oomKills();
    const [program, ...args] = command;
    const child = await spawned(program, [...args, "job"], environmentOf(options, request));
    const jobLog = log.child({ jobId: request.jobId, attempt: request.attempt });
    if (child.stdout && child.stderr) {
      logLines(child.stdout, jobLog, "stdout");
      logLines(child.stderr, jobLog, "stderr");
    }
    const ended = new Promise<void>((resolve) => {
      child.once("exit", async (exitCode, signal) => {
        const outOfMemory = (await oomKills()) > oomKillsBefore;
        const { jobId, attempt } = request;
        const exit = { jobId, attempt, exitCode, signal, after: "count" } as const;
        for (const listener of listeners) {
          listener({ ...exit, ...exitReason({ exitCode, signal, outOfMemory }) });
        }
        resolve();
      });
    });
    ended.then(() => launched.delete(keyOf(request)));
    const ref = await refOf(child.pid);
    // Gone before it could be looked at: its exit is reported all the same.
    return formatRef(ref ?? { pid: child.pid, start: "ended", boot: "ended" });
  };

  return {
    capacity,
    startSeconds: 0,
    launch: (request) => {
      const key = keyOf(request);
      const under = launched.get(key) ?? launch(request);
      launched.set(key, under);
      under.catch(() => launched.delete(key));
      return under;
    },
    // A process whose parent died before it wrote down the reference cannot be told from others.
    find: async (request) => (await launched.get(keyOf(request))) ?? null,
    inspect: async (refs) => {
      const states = await Promise.all(refs.map(async (ref) => [ref, await look(ref)] as const));
      return new Map(states.flatMap(([ref, state]) => (state === null ? [] : [[ref, state]])));
    },
    stop: async (ref) => {
      await stopProcess(ref, stopSeconds);
      return "gone";
    },
    onExit: (listener) => {
      listeners.add(listener);
    },
    close: async () => {
      listeners.clear();
    },
  };
};

/** Null when it cannot be told this time. */
const look = async (ref: string): Promise<LaunchState | null> => {
  const parsed = parseRef(ref);
  if (parsed === null) {
    return { kind: "lost" };
  }
  const state = await stateOf(parsed).catch(() => null);
  if (state === null) {
    return null;
  }
  return state === "exited" ? { kind: "exited", end: null } : { kind: state };
};

const keyOf = ({ jobId, attempt }: Pick<LaunchRequest, "jobId" | "attempt">): string =>
  `${jobId}/${attempt}`;

const environmentOf = (
  options: ProcessLauncherOptions,
  request: LaunchRequest,
): Record<string, string> => ({
  ...Object.fromEntries(
    [...PASSED_ON, ...(options.sharesAwsCredentials ? AWS_CREDENTIALS : [])].flatMap((name) =>
      options.environment[name] ? [[name, options.environment[name]]] : [],
    ),
  ),
  ...jobEnvironment(options, request),
});

type Spawned = ChildProcess & { readonly pid: number };

const spawned = async (
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Spawned> => {
  try {
    const child = spawn(program, args, {
      env,
      // A group of its own: Ctrl-C at our terminal is ours to answer, and a stop reaches its children.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    lowerPriority(child.pid);
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    if (child.pid === undefined) {
      throw new Error("the system gave no process id");
    }
    return child as Spawned;
  } catch (cause) {
    throw new SluiceError("launch_failed", {
      cause,
      message: `The transcoder could not be started: ${(cause as Error).message}`,
    });
  }
};

/** Threads inherit it from their creator, so it is set before the program has made any. */
const lowerPriority = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) {
      setPriority(pid, TRANSCODER_NICENESS);
    }
  } catch {
    // Ended already, or not allowed here: it then runs at our own priority.
  }
};

const stopProcess = async (ref: string, stopSeconds: number): Promise<void> => {
  const parsed = parseRef(ref);
  if (parsed === null || (await stateOf(parsed)) !== "running") {
    return;
  }
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    // Looked at right before: an id that was recycled belongs to somebody else.
    if ((await stateOf(parsed)) !== "running") {
      break;
    }
    signalGroup(parsed.pid, signal);
    const deadline = performance.now() + stopSeconds * 1000;
    while (performance.now() < deadline && (await stateOf(parsed)) === "running") {
      await Bun.sleep(LOOK_EVERY_MS);
    }
  }
  if ((await stateOf(parsed)) === "running") {
    throw new SluiceError("internal", { message: `Process ${parsed.pid} cannot be killed.` });
  }
  await endGroup(parsed.pid);
};

/** Where nobody reaps orphans they stay as zombies, which take signals for ever: do not wait for those. */
const GROUP_END_MS = 1_000;

/** What a process started may outlive it. As long as one member is left, the group's id is not given away. */
const endGroup = async (group: number): Promise<void> => {
  const deadline = performance.now() + GROUP_END_MS;
  while (signalGroup(group, "SIGKILL") && performance.now() < deadline) {
    await Bun.sleep(LOOK_EVERY_MS);
  }
};

/** @returns whether there was anybody to signal */
const signalGroup = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    return process.kill(-pid, signal);
  } catch {
    // Ended in between.
    return false;
  }
};

/** Processes that the kernel killed for want of memory since boot; 0 where it does not say. */
const oomKills = async (): Promise<number> => {
  const vmstat = await readFile("/proc/vmstat", "utf8").catch(() => "");
  return Number(/^oom_kill (\d+)$/m.exec(vmstat)?.[1] ?? 0);
};
