import { Type } from "@sinclair/typebox";
import { endpoint } from "./aws.ts";
import { oneOf } from "./one-of.ts";

const queueUrl = (description: string) =>
  Type.Optional(Type.String({ format: "url", pattern: "^https?://", description }));

/** What carries upload events to the consumer. */
export const queueSettings = {
  QUEUE: oneOf(["postgres", "sqs"], {
    default: "postgres",
    description:
      "What carries upload events to the consumer: postgres (a table in the database) or sqs (Amazon SQS, where S3's own events arrive too).",
  }),
  SQS_QUEUE_URL: queueUrl("Address of the SQS queue of upload events; required with QUEUE=sqs."),
  SQS_TASK_EVENTS_QUEUE_URL: queueUrl(
    "Address of the SQS queue that EventBridge sends ECS task state changes to, if it is another one; they settle a transcode at once instead of at the next look.",
  ),
  AWS_ENDPOINT_URL_SQS: endpoint("SQS"),
};
