/** Stop codes and reasons as Amazon ECS Developer Guide, "Stopped tasks error codes" and the pages below it, show them. */
import { expect, test } from "bun:test";
import { endOfTask, type StoppedTask } from "../../../src/launcher/ecs-task-end.ts";

const exited = (exitCode: number, reason?: string): StoppedTask => ({
  stopCode: "EssentialContainerExited",
  stoppedReason: "Essential container in task exited",
  containers: [
    { name: "sidecar", exitCode: 0 },
    { name: "transcoder", exitCode, ...(reason && { reason }) },
  ],
});
const notStarted = (stoppedReason: string): StoppedTask => ({
  stopCode: "TaskFailedToStart",
  stoppedReason,
  containers: [{ name: "transcoder" }],
});
const ended = (stopCode: string, stoppedReason: string, exitCode = 143): StoppedTask => ({
  stopCode,
  stoppedReason,
  containers: [{ name: "transcoder", exitCode }],
});

const cases: [string, StoppedTask, string | null, string, RegExp][] = [
  ["our own exit codes", exited(0), null, "count", /ended with exit code 0/],
  ["a source that cannot be used", exited(65), null, "count", /ended with exit code 65/],
  ["bad settings", exited(78), null, "give-up", /ended with exit code 78/],
  [
    "memory",
    exited(137, "OutOfMemoryError: Container killed due to memory usage"),
    "transcoder_out_of_memory",
    "count",
    /ran out of memory/,
  ],
  ["SIGKILL", exited(137), "transcoder_crashed", "count", /was killed/],
  ["SIGSEGV", exited(139), "transcoder_crashed", "count", /crashed/],
  ["the alarm clock", exited(142), "transcode_stalled", "count", /stood still/],
  [
    "Spot",
    ended("SpotInterruption", "Your Spot Task was interrupted."),
    "interrupted",
    "spare",
    /took its spare capacity back/,
  ],
  [
    "Spot, while the image was fetched",
    notStarted("Your Spot Task was interrupted."),
    "interrupted",
    "spare",
    /spare capacity/,
  ],
  [
    "a person",
    ended("UserInitiated", "Task stopped by user"),
    "interrupted",
    "count",
    /Somebody stopped/,
  ],
  [
    "a service",
    ended("ServiceSchedulerInitiated", "Scaling activity"),
    "interrupted",
    "spare",
    /service of ECS/,
  ],
  [
    "maintenance",
    ended("TerminationNotice", "ECS is performing maintenance"),
    "interrupted",
    "spare",
    /out of service/,
  ],
  [
    "a broken host",
    ended("InfrastructureHealth", "Host health"),
    "interrupted",
    "spare",
    /machine under the task failed/,
  ],
  [
    "an image that is not there",
    notStarted(
      "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/x:y: docker.io/x:y: not found",
    ),
    "transcoder_not_started",
    "give-up",
    /image could not be fetched/,
  ],
  [
    "an image that one may not fetch",
    notStarted(
      "CannotPullContainerError: pull access denied, repository does not exist or may require authorization",
    ),
    "transcoder_not_started",
    "give-up",
    /image could not be fetched/,
  ],
  [
    "a registry that cannot be reached",
    notStarted(
      "CannotPullContainerError: ref pull has been retried 5 time(s): failed to do request: dial tcp 10.0.0.1:443: i/o timeout",
    ),
    "transcoder_not_started",
    "count",
    /image could not be fetched/,
  ],
  [
    "preparation",
    notStarted(
      "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times",
    ),
    "transcoder_not_started",
    "count",
    /could not be prepared/,
  ],
  [
    "no place after all",
    notStarted("Timeout waiting for network interface provisioning to complete."),
    "transcoder_not_started",
    "spare",
    /no room/,
  ],
  [
    "a container that does not start",
    notStarted("CannotStartContainerError: failed to create containerd task: exec format error"),
    "transcoder_not_started",
    "count",
    /could not be started/,
  ],
  [
    "anything else before the start",
    notStarted("New words of AWS"),
    "transcoder_not_started",
    "count",
    /did not start/,
  ],
  ["nothing at all", {}, "transcoder_crashed", "count", /^The task ended\.$/],
  [
    "a stop code of the future",
    { stopCode: "Novel", stoppedReason: "?" },
    "transcoder_crashed",
    "count",
    /Novel/,
  ],
];

test.each(cases)("%s", (_, task, code, after, reason) => {
  const end = endOfTask(task, "transcoder");
  expect(end).toMatchObject({ code, after, signal: null });
  expect(end.reason).toMatch(reason);
  expect(end.reason).toEndWith(".");
});

test("the exit code is the transcoder's, not a sidecar's", () => {
  expect(endOfTask(exited(70), "transcoder").exitCode).toBe(70);
});
