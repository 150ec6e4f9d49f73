/** ECS task state change events, as EventBridge delivers them (Amazon ECS Developer Guide, "Amazon ECS task state change events"). Pure. */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { nothingToDo, oneEvent, type ReadMessage } from "../queue/queue-event.ts";
import { parseStartedBy } from "./ecs-request.ts";
import { endOfTask } from "./ecs-task-end.ts";

const Text = Type.Optional(Type.String());

const TaskStateChange = Type.Object({
  source: Type.Literal("aws.ecs"),
  "detail-type": Type.Literal("ECS Task State Change"),
  detail: Type.Object({
    taskArn: Type.String(),
    lastStatus: Type.String(),
    startedBy: Text,
    stopCode: Text,
    stoppedReason: Text,
    containers: Type.Optional(
      Type.Array(
        Type.Object({ name: Text, exitCode: Type.Optional(Type.Integer()), reason: Text }),
      ),
    ),
  }),
});

/**
 * Events may repeat and come in any order, so only the last status counts: STOPPED, which no other
 * follows. What is told of others' tasks is nothing to do: a rule can hardly leave them out.
 * @returns null when it is no such event
 */
export const readTaskEvent = (
  body: unknown,
  { containerName }: { containerName: string },
): ReadMessage | null => {
  if (!Value.Check(TaskStateChange, body)) {
    return null;
  }
  const { detail } = body;
  const launched = parseStartedBy(detail.startedBy);
  if (launched === null) {
    return nothingToDo("another's task changed its state");
  }
  if (detail.lastStatus !== "STOPPED") {
    return nothingToDo(`the task is ${detail.lastStatus}`);
  }
  return oneEvent({
    kind: "transcoder-ended",
    exit: { ...launched, ...endOfTask(detail, containerName) },
  });
};
