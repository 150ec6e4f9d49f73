import {
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from "@aws-sdk/client-ecs";
import { SluiceError } from "../errors.ts";
import type { Log } from "../log.ts";
import { exceptionToError, failureToError } from "./ecs-launch-failure.ts";
import {
  type EcsTaskOptions,
  type Placement,
  placementsOf,
  runTaskRequest,
  startedByOf,
} from "./ecs-request.ts";
import { endOfTask } from "./ecs-task-end.ts";
import type { Launcher, LaunchRequest, LaunchState } from "./index.ts";

export type EcsLauncherOptions = EcsTaskOptions & {
  readonly region: string;
  /** Where ECS is reached; undefined for AWS itself. */
  readonly endpoint: string | undefined;
  /** Tasks at once. */
  readonly capacity: number;
  readonly log: Log;
  /** For tests; default: the SDK's own chain. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/** ECS API Reference, DescribeTasks: "up to 100 task IDs or full ARN entries". */
const DESCRIBE_AT_ONCE = 100;
/** A place, the image, its start: Fargate takes half a minute to three; with this nobody is given up too early. */
const START_SECONDS = 300;
/** Sent by the SDK with backoff, always with the same `clientToken`. */
const TRIES = 4;
/** Statuses before RUNNING (Amazon ECS Developer Guide, "Task lifecycle"). */
const STARTING = new Set(["PROVISIONING", "PENDING", "ACTIVATING"]);
const STOP_REASON = "Sluice: the conversion was cancelled or given up";

/** Runs each transcoder as a task of ECS; its reference is the task's ARN. */
export const openEcsLauncher = (options: EcsLauncherOptions): Launcher => {
  const { region, endpoint, capacity, cluster, containerName, log, credentials } = options;
  const client = new ECSClient({
    region,
    maxAttempts: TRIES,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && { credentials }),
  });

  const runTask = async (
    request: LaunchRequest,
    at: { placement: Placement; place: number },
  ): Promise<string> => {
    const input = runTaskRequest(options, request, at);
    try {
      const { tasks = [], failures = [] } = await client.send(new RunTaskCommand(input));
      const [task] = tasks;
      if (task?.taskArn !== undefined) {
        return task.taskArn;
      }
      throw failureToError(failures[0] ?? {});
    } catch (thrown) {
      const existing = conflictingTask(thrown);
      if (existing !== null) {
        // The same attempt with other settings: it runs already, and once is enough.
        return existing;
      }
      throw exceptionToError(thrown);
    }
  };

  const describe = async (refs: readonly string[]): Promise<Map<string, LaunchState>> => {
    const { tasks = [], failures = [] } = await client.send(
      new DescribeTasksCommand({ cluster, tasks: [...refs] }),
    );
    const found = new Map<string, LaunchState>();
    for (const { arn, reason } of failures) {
      // Not yet visible, or stopped longer ago than ECS remembers (an hour).
      const ref = refs.find((candidate) => candidate === arn || arn?.endsWith(`/${candidate}`));
      if (ref !== undefined && reason === "MISSING") {
        found.set(ref, { kind: "lost" });
      }
    }
    for (const task of tasks) {
      if (task.taskArn !== undefined) {
        found.set(task.taskArn, stateOf(task, containerName));
      }
    }
    return found;
  };

  return {
    capacity,
    startSeconds: START_SECONDS,
    launch: async (request) => {
      const placements = placementsOf(options);
      for (const [place, placement] of placements.entries()) {
        try {
          return await runTask(request, { placement, place });
        } catch (error) {
          const isLast = place === placements.length - 1;
          if (isLast || !(error instanceof SluiceError && error.code === "launch_deferred")) {
            throw error;
          }
          log.info({ placement, reason: error.message }, "no room; the next provider is tried");
        }
      }
      throw new SluiceError("launch_misconfigured", {
        message: "ECS_CAPACITY_PROVIDERS is empty.",
      });
    },
    find: async (launched) => {
      const startedBy = startedByOf(launched);
      // ListTasks knows tasks by one desired status at a time.
      for (const desiredStatus of ["RUNNING", "STOPPED"] as const) {
        const { taskArns = [] } = await client.send(
          new ListTasksCommand({ cluster, startedBy, desiredStatus }),
        );
        if (taskArns[0] !== undefined) {
          return taskArns[0];
        }
      }
      return null;
    },
    inspect: async (refs) => {
      const states = new Map<string, LaunchState>();
      // What is no ARN was made by another launcher, before the setting was changed.
      const arns = refs.filter((ref) => ref.startsWith("arn:"));
      for (const ref of refs) {
        if (!arns.includes(ref)) {
          states.set(ref, { kind: "lost" });
        }
      }
      for (let start = 0; start < arns.length; start += DESCRIBE_AT_ONCE) {
        try {
          const batch = await describe(arns.slice(start, start + DESCRIBE_AT_ONCE));
          for (const [ref, state] of batch) {
            states.set(ref, state);
          }
        } catch (error) {
          log.error({ err: error }, "ECS did not say what became of tasks");
        }
      }
      return states;
    },
    stop: async (ref) => {
      if (!ref.startsWith("arn:")) {
        return "gone";
      }
      try {
        const { task } = await client.send(
          new StopTaskCommand({ cluster, task: ref, reason: STOP_REASON }),
        );
        return task?.lastStatus === "STOPPED" ? "gone" : "stopping";
      } catch (error) {
        // ECS forgets stopped tasks after an hour, and says so in these words.
        if (
          error instanceof Error &&
          /referenced task was not found|task.*not found/i.test(error.message)
        ) {
          return "gone";
        }
        throw error;
      }
    },
    // Ends come by task state change events through the queue, and by `inspect`.
    onExit: () => {},
    close: async () => client.destroy(),
  };
};

const stateOf = (task: Task, containerName: string): LaunchState => {
  const { lastStatus = "" } = task;
  if (lastStatus === "STOPPED") {
    return { kind: "exited", end: endOfTask(task, containerName) };
  }
  return { kind: STARTING.has(lastStatus) ? "starting" : "running" };
};

/** ConflictException names the tasks that were started with the same token (ECS API Reference, "Ensuring idempotency"). */
const conflictingTask = (thrown: unknown): string | null => {
  if (!(thrown instanceof Error) || thrown.name !== "ConflictException") {
    return null;
  }
  const { resourceIds } = thrown as { resourceIds?: unknown };
  const [first] = Array.isArray(resourceIds) ? resourceIds : [];
  return typeof first === "string" ? first : null;
};
