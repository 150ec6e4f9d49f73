import { expect, test } from "bun:test";
import {
  type EcsTaskOptions,
  MAX_OVERRIDES_CHARS,
  parseStartedBy,
  runTaskRequest,
  startedByOf,
} from "../../../src/launcher/ecs-request.ts";
import { readTaskEvent } from "../../../src/launcher/ecs-task-events.ts";

const jobId = "01934f2e-5b1c-7d3e-9a4f-0123456789ab";
const options: EcsTaskOptions = {
  cluster: "sluice",
  taskDefinition: "transcoder",
  containerName: "transcoder",
  subnets: ["subnet-1"],
  securityGroups: [],
  assignPublicIp: true,
  launchType: null,
  capacityProviders: ["FARGATE"],
  internalUrl: "http://api.internal:3001",
  heartbeatSeconds: 5,
  confinement: "prefer",
};
const request = { jobId, attempt: 1, token: "t".repeat(200), sourceBytes: 1, failedAttempts: 0 };
const at = { placement: {}, place: 0 };

test("the client token stays within 64 characters of ASCII, and what is started by whom within 128", () => {
  const last = { ...request, attempt: 999_999_999 };
  const { clientToken, startedBy } = runTaskRequest(options, last, { ...at, place: 19 });
  expect(clientToken).toMatch(/^[!-~]{1,64}$/);
  expect(startedBy).toMatch(/^[A-Za-z0-9/_-]{1,128}$/);
  expect(parseStartedBy(startedBy)).toEqual({ jobId, attempt: 999_999_999 });
});

test("the same attempt is asked for in the same words", () => {
  expect(runTaskRequest(options, request, at)).toEqual(runTaskRequest(options, { ...request }, at));
});

test("overrides stay within what ECS takes, and too long ones are an error that says so", () => {
  const { overrides } = runTaskRequest(options, request, at);
  expect(JSON.stringify(overrides).length).toBeLessThan(MAX_OVERRIDES_CHARS / 4);
  const long = { ...options, internalUrl: `http://${"x".repeat(8_000)}` };
  expect(() => runTaskRequest(long, request, at)).toThrow(/8192/);
});

test("only what Sluice started is taken for its own", () => {
  for (const other of [
    undefined,
    "",
    "ecs-svc/9223370545345641169",
    "sluice/x/1",
    `sluice/${jobId}/0`,
  ]) {
    expect(parseStartedBy(other)).toBeNull();
  }
  const event = (detail: object) => ({
    source: "aws.ecs",
    "detail-type": "ECS Task State Change",
    detail: { taskArn: "arn:x", lastStatus: "STOPPED", version: 4, ...detail },
  });
  const read = (detail: object) => readTaskEvent(event(detail), { containerName: "transcoder" });
  expect(read({ startedBy: "ecs-svc/1" })?.events[0]?.kind).toBe("nothing");
  expect(read({ startedBy: startedByOf(request), lastStatus: "RUNNING" })?.events[0]?.kind).toBe(
    "nothing",
  );
  expect(read({ startedBy: startedByOf(request), newField: {} })?.events[0]).toMatchObject({
    kind: "transcoder-ended",
    exit: { jobId, attempt: 1 },
  });
  expect(
    readTaskEvent(
      { source: "aws.ecs", "detail-type": "ECS Deployment State Change" },
      { containerName: "" },
    ),
  ).toBeNull();
});
