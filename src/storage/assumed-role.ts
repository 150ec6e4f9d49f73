import { AssumeRoleCommand, STSClient, STSServiceException } from "@aws-sdk/client-sts";
import type { ApiConfig } from "../config.ts";
import { SluiceError } from "../errors.ts";
import type { JobKeys } from "./job-keys.ts";
import { jobPolicy } from "./job-policy.ts";

/**
 * The longest that keys last which a role got by assuming another one ("role chaining"), in seconds:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html. Whoever needs them longer asks again.
 */
const DURATION_SECONDS = 3600;
const MAX_ATTEMPTS = 4;

/** Keys by AssumeRole with a session policy. The api's own role must be trusted by that role. */
export const assumedRole = ({
  roleArn,
  region,
  endpoint,
}: {
  readonly roleArn: string;
  readonly region: string;
  /** Null for AWS. */
  readonly endpoint: string | null;
}): JobKeys => {
  const client = new STSClient({
    region,
    maxAttempts: MAX_ATTEMPTS,
    ...(endpoint !== null && { endpoint }),
  });
  const [, partition = "aws"] = roleArn.split(":");
  return async ({ jobId, attempt, ...places }) => {
    const { Credentials } = await client
      .send(
        new AssumeRoleCommand({
          RoleArn: roleArn,
          // Shows in CloudTrail who did it; 64 characters at the most.
          RoleSessionName: `job-${jobId}-${attempt}`,
          DurationSeconds: DURATION_SECONDS,
          Policy: JSON.stringify(jobPolicy(places, partition)),
        }),
      )
      .catch((thrown: unknown) => {
        throw asStorageError(thrown, roleArn);
      });
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    if (!(AccessKeyId && SecretAccessKey && SessionToken && Expiration)) {
      throw new SluiceError("storage_unavailable");
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiresAt: Expiration,
    };
  };
};

/** What the settings say: null without a role, and where nothing lies in S3. */
export const openJobKeys = (
  config: Pick<
    ApiConfig,
    "STORAGE" | "TRANSCODER_ROLE_ARN" | "AWS_REGION" | "AWS_ENDPOINT_URL_STS"
  >,
): JobKeys | null =>
  config.STORAGE !== "s3" || config.TRANSCODER_ROLE_ARN === undefined
    ? null
    : assumedRole({
        roleArn: config.TRANSCODER_ROLE_ARN,
        region: config.AWS_REGION ?? "",
        endpoint: config.AWS_ENDPOINT_URL_STS ?? null,
      });

const asStorageError = (cause: unknown, roleArn: string): SluiceError => {
  const status = cause instanceof STSServiceException ? cause.$metadata.httpStatusCode : undefined;
  return status === 400 || status === 403
    ? new SluiceError("storage_denied", {
        message: `The api may not assume ${roleArn}; it needs sts:AssumeRole, and that role must trust it.`,
        cause,
      })
    : new SluiceError("storage_unavailable", { cause });
};
