/** What it means that ECS did not run a task, by kind. Pure. */
import type { Failure } from "@aws-sdk/client-ecs";
import { type ErrorCode, SluiceError } from "../errors.ts";

/**
 * Reasons of `failures[]` (Amazon ECS Developer Guide, "API failure reasons", and re:Post "ecs-fargate-runtask-capacity");
 * the first that matches counts.
 */
const FAILURE_REASONS: readonly { readonly pattern: RegExp; readonly code: ErrorCode }[] = [
  // RESOURCE:CPU, :MEMORY, :ENI, :PORTS, :GPU; on Fargate also "RESOURCE:FARGATE".
  { pattern: /^RESOURCE:/i, code: "launch_deferred" },
  {
    pattern: /capacity is unavailable|empty capacity provider|no active instances/i,
    code: "launch_deferred",
  },
  // The agent of the instance that was chosen is not connected.
  { pattern: /^AGENT$/i, code: "launch_deferred" },
  { pattern: /\blimit\b|throttl|too many|try again later/i, code: "launch_deferred" },
  // No instance has what the task definition asks for, or nothing of that name is there.
  {
    pattern: /^(ATTRIBUTE|LOCATION|MISSING|INACTIVE)$|memberof|unsatisfied/i,
    code: "launch_misconfigured",
  },
];

/** A task that was not placed, though the request was in order. */
export const failureToError = ({ reason, detail }: Failure): SluiceError => {
  const said = [reason, detail].filter((text) => text).join(": ") || "no reason was given";
  const known = FAILURE_REASONS.find(({ pattern }) => pattern.test(reason ?? ""));
  return new SluiceError(known?.code ?? "launch_failed", {
    message: `ECS placed no task: ${said}.`,
  });
};

/** Names of exceptions by what they mean (ECS API Reference, RunTask and "Common Errors"). */
const DEFERRED = new Set([
  "ThrottlingException",
  "Throttling",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "LimitExceededException",
  "SlowDown",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  // Credentials that are just being renewed, or a role that is not there yet: nothing was started.
  "CredentialsProviderError",
  "ExpiredTokenException",
  "ExpiredToken",
]);
const MISCONFIGURED = new Set([
  "AccessDeniedException",
  "BlockedException",
  "ClusterNotFoundException",
  "InvalidParameterException",
  "InvalidSignatureException",
  "NotAuthorized",
  "PlatformTaskDefinitionIncompatibilityException",
  "PlatformUnknownException",
  "UnrecognizedClientException",
  "UnsupportedFeatureException",
  "ValidationError",
]);
/** ClientException is also how ECS says that a quota is used up. */
const QUOTA = /\blimit\b|throttl|capacity|rate exceeded|too many/i;

/**
 * A request that ECS refused, or that got no answer: then nobody knows whether the task runs, and
 * that must be found out before another is started.
 */
export const exceptionToError = (thrown: unknown): SluiceError => {
  if (thrown instanceof SluiceError) {
    return thrown;
  }
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new SluiceError(codeOf(name, message), {
    cause: thrown,
    message: `ECS did not run the task: ${name}: ${message}`,
  });
};

const codeOf = (name: string, message: string): ErrorCode => {
  if (DEFERRED.has(name)) {
    return "launch_deferred";
  }
  if (MISCONFIGURED.has(name)) {
    return "launch_misconfigured";
  }
  if (name === "ClientException") {
    return QUOTA.test(message) ? "launch_deferred" : "launch_misconfigured";
  }
  return "launch_uncertain";
};
