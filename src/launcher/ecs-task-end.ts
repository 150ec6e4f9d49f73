/**
 * What the end of a task means, from what ECS says of it: stop code, stopped reason and the
 * container's exit code. Pure. (Amazon ECS Developer Guide, "Stopped tasks error codes".)
 */
import type { ErrorCode } from "../errors.ts";
import type { AfterExit, LaunchEnd } from "./index.ts";

/** As DescribeTasks and task state change events have it; fields that nobody reads are left out. */
export type StoppedTask = {
  readonly stopCode?: string | undefined;
  readonly stoppedReason?: string | undefined;
  readonly containers?:
    | readonly {
        readonly name?: string | undefined;
        readonly exitCode?: number | undefined;
        readonly reason?: string | undefined;
      }[]
    | undefined;
};

type Meaning = {
  /** Null: the container's exit code says more. */
  readonly code: ErrorCode | null;
  readonly after: AfterExit;
  /** Begins with a capital letter, ends without a full stop: what AWS said follows. */
  readonly what: string;
};

/** How memory that ran out shows in a container's reason; exit code 137 comes with it. */
const OUT_OF_MEMORY = /OutOfMemoryError/i;

/** Why an image is not there, and will not be there at the next try either, as opposed to a network that failed. */
const IMAGE_MISSING =
  /manifest unknown|not found|does not exist|no matching manifest|pull access denied|repository does not exist|unauthorized|access denied|forbidden|invalid reference|image manifest/i;

/** Causes that AWS names at the start of the stopped reason of a task that never ran; the first that matches counts. */
const START_FAILURES: readonly (Meaning & { readonly pattern: RegExp })[] = [
  {
    pattern:
      /capacity is unavailable|Timeout waiting for network interface provisioning|RESOURCE:/i,
    code: "transcoder_not_started",
    after: "spare",
    what: "The platform had no room for the task after all",
  },
  {
    pattern: /spot/i,
    code: "interrupted",
    after: "spare",
    what: "The platform took its spare capacity back before the task had started",
  },
  {
    pattern: /ResourceInitializationError/i,
    code: "transcoder_not_started",
    after: "count",
    what: "The task could not be prepared: check its network, its secrets and its log group",
  },
  {
    pattern: /CannotStartContainerError|CannotCreateContainerError|ContainerRuntimeError/i,
    code: "transcoder_not_started",
    after: "count",
    what: "The container could not be started",
  },
];

/** Stop codes that say who ended the task. */
const STOP_CODES: Readonly<Record<string, Meaning>> = {
  SpotInterruption: {
    code: "interrupted",
    after: "spare",
    what: "The platform took its spare capacity back",
  },
  TerminationNotice: {
    code: "interrupted",
    after: "spare",
    what: "The machine under the task was taken out of service",
  },
  InfrastructureHealth: {
    code: "interrupted",
    after: "spare",
    what: "The machine under the task failed",
  },
  ServiceSchedulerInitiated: {
    code: "interrupted",
    after: "spare",
    what: "A service of ECS ended the task",
  },
  UserInitiated: { code: "interrupted", after: "count", what: "Somebody stopped the task" },
};

/** 128 + SIGKILL: what is left of a container that was killed. */
const EXIT_KILLED = 137;
/** 128 + SIGSEGV, SIGBUS, SIGABRT and SIGILL: it crashed. */
const EXIT_CRASHED = new Set([139, 135, 134, 132]);
/** 128 + SIGALRM: the alarm clock of src/transcoder/event-loop-alarm.ts. */
const EXIT_ALARM = 142;

/** @param containerName the transcoder's container */
export const endOfTask = (task: StoppedTask, containerName: string): LaunchEnd => {
  const container =
    task.containers?.find(({ name }) => name === containerName) ?? task.containers?.[0];
  const exitCode = container?.exitCode ?? null;
  const said = [task.stopCode, task.stoppedReason, container?.reason]
    .filter((text) => text)
    .join("; ");
  const { code, after, what } = meaningOf(task, exitCode, said);
  return {
    exitCode,
    signal: null,
    code,
    after,
    reason: said === "" ? `${what}.` : `${what} (${said}).`,
  };
};

const meaningOf = ({ stopCode }: StoppedTask, exitCode: number | null, said: string): Meaning => {
  if (OUT_OF_MEMORY.test(said)) {
    return { code: "transcoder_out_of_memory", after: "count", what: "The task ran out of memory" };
  }
  // Who ended the task counts more than the exit code that its end led to.
  const ender = STOP_CODES[stopCode ?? ""];
  if (ender !== undefined) {
    return ender;
  }
  if (exitCode !== null) {
    return meaningOfExitCode(exitCode);
  }
  if (/CannotPull/i.test(said)) {
    const after = IMAGE_MISSING.test(said) ? "give-up" : "count";
    const what = "The transcoder's image could not be fetched";
    return { code: "transcoder_not_started", after, what };
  }
  return (
    START_FAILURES.find(({ pattern }) => pattern.test(said)) ?? {
      code: stopCode === "TaskFailedToStart" ? "transcoder_not_started" : "transcoder_crashed",
      after: "count",
      what: stopCode === "TaskFailedToStart" ? "The task did not start" : "The task ended",
    }
  );
};

const meaningOfExitCode = (exitCode: number): Meaning => {
  const what = `The transcoder ended with exit code ${exitCode}`;
  if (exitCode === EXIT_KILLED) {
    return { code: "transcoder_crashed", after: "count", what: "The transcoder was killed" };
  }
  if (EXIT_CRASHED.has(exitCode)) {
    return { code: "transcoder_crashed", after: "count", what: "The transcoder crashed" };
  }
  if (exitCode === EXIT_ALARM) {
    return { code: "transcode_stalled", after: "count", what: "The transcoder stood still" };
  }
  return { code: null, after: exitCode === 78 ? "give-up" : "count", what };
};
