import { Type } from "@sinclair/typebox";
import { CONFINEMENT_MODES } from "../confinement/support.ts";
import { endpoint } from "./aws.ts";
import { oneOf } from "./one-of.ts";

const text = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));

/** Names with commas between; spaces around them do no harm. */
export const listOf = (setting: string): string[] =>
  setting
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

/** Settings of LAUNCHER=ecs. */
const ecsSettings = {
  ECS_CLUSTER: text("Name or ARN of the ECS cluster; required with LAUNCHER=ecs."),
  ECS_TASK_DEFINITION: text(
    "Family, family:revision or ARN of the transcoder's task definition; required with LAUNCHER=ecs.",
  ),
  ECS_CONTAINER_NAME: Type.String({
    default: "transcoder",
    minLength: 1,
    description: "The container of the task definition that is the transcoder.",
  }),
  ECS_SUBNETS: Type.Optional(
    Type.String({
      pattern: "^\\s*subnet-[0-9a-z]+(\\s*,\\s*subnet-[0-9a-z]+)*\\s*$",
      description:
        "Subnets for tasks, with commas between; several in different zones find room more often. Required with LAUNCHER=ecs.",
    }),
  ),
  ECS_SECURITY_GROUPS: Type.Optional(
    Type.String({
      pattern: "^\\s*sg-[0-9a-z]+(\\s*,\\s*sg-[0-9a-z]+)*\\s*$",
      description: "Security groups of tasks, with commas between. Default: the VPC's own.",
    }),
  ),
  ECS_ASSIGN_PUBLIC_IP: Type.Boolean({
    default: false,
    description: "Whether tasks get a public address; needed in subnets without NAT or endpoints.",
  }),
  ECS_CAPACITY_PROVIDERS: Type.String({
    default: "FARGATE_SPOT,FARGATE",
    pattern: "^\\s*[A-Za-z0-9_-]+(\\s*,\\s*[A-Za-z0-9_-]+)*\\s*$",
    description: "Where tasks run: each is tried in this order until one has room.",
  }),
  ECS_LAUNCH_TYPE: Type.Optional(
    oneOf(["FARGATE", "EC2"], {
      description: "A launch type in place of ECS_CAPACITY_PROVIDERS: FARGATE or EC2.",
    }),
  ),
  ECS_MAX_TASKS: Type.Integer({
    default: 20,
    minimum: 1,
    maximum: 5_000,
    description: "Transcodes at once with LAUNCHER=ecs; keep it below the account's vCPU quota.",
  }),
  AWS_ENDPOINT_URL_ECS: endpoint("ECS"),
};

/** How transcoders are started, and what they may do. */
export const launcherSettings = {
  LAUNCHER: oneOf(["process", "ecs"], {
    default: "process",
    description:
      "How transcoders are started: process (a child process on this machine) or ecs (a task on Amazon ECS, Fargate or others).",
  }),
  INTERNAL_URL: Type.Optional(
    Type.String({
      format: "url",
      pattern: "^https?://",
      description:
        "Where transcoders reach the api's internal port; required with LAUNCHER=ecs. Default: http://127.0.0.1:INTERNAL_PORT.",
    }),
  ),
  INTERNAL_PORT: Type.Integer({
    default: 3001,
    minimum: 0,
    maximum: 65535,
    description:
      "Port for metrics and for the transcoders' reports; never expose it. 0 takes any free one.",
  }),
  TRANSCODER_PATH: Type.Optional(
    Type.String({
      minLength: 1,
      description: "The transcoder executable. Default: the one beside this executable.",
    }),
  ),
  TRANSCODE_CONCURRENCY: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 256,
    description: "Transcodes at once on this machine; 0 means one for every two processors.",
  }),
  TRANSCODER_CONFINEMENT: oneOf(CONFINEMENT_MODES, {
    default: "prefer",
    description:
      "Whether transcoders are shut in by the kernel (Landlock, Linux 6.7 or later) so that they reach their own video alone: prefer (as far as the kernel can, with a warning), require (refuse to start without) or off.",
  }),
  ...ecsSettings,
};
