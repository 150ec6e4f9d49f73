import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { readTaskEvent } from "../launcher/ecs-task-events.ts";
import { ObjectCreated } from "../videos/job-message.ts";
import { oneEvent, type ReadMessage, refused } from "./queue-event.ts";
import { type EventNames, readS3Event } from "./s3-events.ts";

/** What the messages call things that are ours. */
export type MessageNames = EventNames & {
  /** The transcoder's container in the task definition of ECS. */
  readonly containerName: string;
};

/** How SNS wraps what it passes on, unless the subscription asks for raw delivery (Amazon SNS Developer Guide, "HTTP/HTTPS notification JSON format"). */
const Notification = Type.Object({ Type: Type.Literal("Notification"), Message: Type.String() });
/** A topic behind a topic is the most that makes sense. */
const MOST_WRAPPINGS = 2;

/**
 * Reads a message of the queue, whoever sent it: our own api, S3, a store like it, ECS, through SNS or EventBridge.
 * Pure; what it cannot read is a refusal with the reason, never an exception.
 */
export const readMessage = (body: unknown, names: MessageNames, wrappings = 0): ReadMessage => {
  if (Value.Check(Notification, body)) {
    return wrappings < MOST_WRAPPINGS
      ? readMessage(parsed(body.Message), names, wrappings + 1)
      : refused("a notification in a notification in a notification");
  }
  return readS3Event(body, names) ?? readTaskEvent(body, names) ?? readOwnMessage(body);
};

const readOwnMessage = (body: unknown): ReadMessage => {
  if (Value.Check(ObjectCreated, body)) {
    return oneEvent({ kind: "object-created", object: body });
  }
  const claimsToBeOurs = Value.Check(Type.Object({ type: Type.Literal("object-created") }), body);
  const [problem] = Value.Errors(ObjectCreated, body);
  return refused(
    claimsToBeOurs
      ? `${problem?.path || "/"}: ${problem?.message ?? "invalid"}`
      : "no kind of message that is known",
  );
};

/** What is no JSON stays text, which no shape accepts. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
