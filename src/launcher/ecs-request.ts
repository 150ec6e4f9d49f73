/** What ECS is asked for to run one attempt. Pure. */
import type { RunTaskCommandInput } from "@aws-sdk/client-ecs";
import { SluiceError } from "../errors.ts";
import { taskSizeFor } from "./fargate-sizes.ts";
import type { LaunchRequest } from "./index.ts";
import { type JobEnvironmentOptions, jobEnvironment } from "./job-environment.ts";

/** How tasks are run, from the settings. */
export type EcsTaskOptions = JobEnvironmentOptions & {
  readonly cluster: string;
  readonly taskDefinition: string;
  /** Container of the task definition that is the transcoder. */
  readonly containerName: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignPublicIp: boolean;
  /** A launch type in place of capacity providers; null to use those. */
  readonly launchType: "FARGATE" | "EC2" | null;
  /** Tried in this order. */
  readonly capacityProviders: readonly string[];
};

/** ECS API Reference, RunTask, `overrides`: "A total of 8192 characters", the JSON's own included. */
export const MAX_OVERRIDES_CHARS = 8_192;

/** By this a task is found again (ListTasks) and its events are known as ours: letters, digits, `-`, `/` and `_`, at most 128. */
export const startedByOf = ({ jobId, attempt }: Pick<LaunchRequest, "jobId" | "attempt">): string =>
  `sluice/${jobId}/${attempt}`;

/** @returns null for tasks that are not ours */
export const parseStartedBy = (
  startedBy: string | undefined,
): { jobId: string; attempt: number } | null => {
  const [, jobId, attempt] =
    /^sluice\/([0-9a-f-]{36})\/([1-9]\d{0,8})$/.exec(startedBy ?? "") ?? [];
  return jobId && attempt ? { jobId, attempt: Number(attempt) } : null;
};

/**
 * The ways in which a task may be placed, the wanted one first. ECS itself does not go over from one
 * provider of a strategy to the next when the first has no room, so each is a request of its own.
 */
export const placementsOf = ({
  launchType,
  capacityProviders,
}: Pick<EcsTaskOptions, "launchType" | "capacityProviders">): Placement[] =>
  launchType === null
    ? capacityProviders.map((capacityProvider) => ({
        capacityProviderStrategy: [{ capacityProvider, weight: 1 }],
      }))
    : [{ launchType }];

export type Placement = Pick<RunTaskCommandInput, "launchType" | "capacityProviderStrategy">;

/**
 * The request for one attempt in one placement. It is the same each time, and so is its `clientToken`
 * (ASCII, at most 64 characters): sent twice, it starts one task.
 * @param place number of the placement
 * @throws SluiceError `launch_misconfigured` where the overrides become too long
 */
export const runTaskRequest = (
  options: EcsTaskOptions,
  request: LaunchRequest,
  { placement, place }: { placement: Placement; place: number },
): RunTaskCommandInput => {
  const { cpu, memoryMib, storageGib } = taskSizeFor(request.sourceBytes, request.failedAttempts);
  const environment = jobEnvironment(options, request);
  const overrides = {
    cpu: String(cpu),
    memory: String(memoryMib),
    ...(storageGib !== null && { ephemeralStorage: { sizeInGiB: storageGib } }),
    containerOverrides: [
      {
        name: options.containerName,
        command: ["job"],
        environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
      },
    ],
  };
  const length = JSON.stringify(overrides).length;
  if (length > MAX_OVERRIDES_CHARS) {
    throw new SluiceError("launch_misconfigured", {
      message: `The task's overrides take ${length} characters of the ${MAX_OVERRIDES_CHARS} that ECS allows; is INTERNAL_URL that long?`,
    });
  }
  return {
    cluster: options.cluster,
    taskDefinition: options.taskDefinition,
    count: 1,
    clientToken: `${request.jobId}-${request.attempt}-${place}`,
    startedBy: startedByOf(request),
    ...placement,
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [...options.subnets],
        ...(options.securityGroups.length > 0 && { securityGroups: [...options.securityGroups] }),
        assignPublicIp: options.assignPublicIp ? "ENABLED" : "DISABLED",
      },
    },
    overrides,
    enableECSManagedTags: true,
    propagateTags: "TASK_DEFINITION",
    tags: [
      { key: "sluice:job", value: request.jobId },
      { key: "sluice:attempt", value: String(request.attempt) },
    ],
  };
};
