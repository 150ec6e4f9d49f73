import { Type } from "@sinclair/typebox";

/**
 * What everything on AWS shares. Credentials are no settings of ours: the SDK finds them by its own
 * chain (environment, shared files, the role of the task or the machine).
 */
export const awsSettings = {
  AWS_REGION: Type.Optional(
    Type.String({
      pattern: "^[a-z0-9-]+$",
      description: "Region of everything that lies on AWS, for example eu-central-1.",
    }),
  ),
};

/** Where a service is reached instead of AWS; one setting per service, under the SDK's own name. */
export const endpoint = (service: string) =>
  Type.Optional(
    Type.String({
      format: "url",
      pattern: "^https?://",
      description: `Where ${service} is reached, for an emulator or a private endpoint. Default: AWS.`,
    }),
  );
