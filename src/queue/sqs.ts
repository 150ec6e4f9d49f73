import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { Log } from "../log.ts";
import { createBatcher } from "./batcher.ts";
import type { Queue, QueueMessage } from "./index.ts";

export type SqsQueueOptions = {
  readonly queueUrl: string;
  readonly region: string;
  /** Where SQS is reached; undefined for AWS itself. */
  readonly endpoint: string | undefined;
  readonly log: Log;
  /** For tests; default: the SDK's own chain. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/** Longest wait and largest batch that SQS knows (SQS API Reference, ReceiveMessage and DeleteMessageBatch). */
const MAX_WAIT_SECONDS = 20;
const MAX_BATCH = 10;
/** SQS API Reference, SendMessage and ChangeMessageVisibility. */
const MAX_DELAY_SECONDS = 900;
const MAX_VISIBILITY_SECONDS = 43_200;
/** How long a deletion waits for others to share its request. */
const GATHER_MS = 5;
/** Answers of SQS for a receipt whose message is gone, was received again, or is visible again. */
const VOID_RECEIPTS = new Set([
  "ReceiptHandleIsInvalid",
  "MessageNotInflight",
  "InvalidParameterValue",
  "AWS.SimpleQueueService.MessageNotInflight",
]);

/**
 * A queue of SQS. How often a message may come back before it is moved to the dead-letter queue is
 * the queue's own redrive policy, so a message that is given up is simply left there.
 */
export const openSqsQueue = (options: SqsQueueOptions): Queue => {
  const { queueUrl: QueueUrl, region, endpoint, log, credentials } = options;
  const client = new SQSClient({
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && { credentials }),
    // The address decides, also where it is an emulator's.
    useQueueUrlAsEndpoint: endpoint === undefined,
  });

  /** Up to ten deletions go in one request: at hundreds of messages a second they cost as much as the work. */
  const deletions = createBatcher<QueueMessage>({
    most: MAX_BATCH,
    gatherMs: GATHER_MS,
    send: async (messages) => {
      const Entries = messages.map(({ receipt }, index) => ({
        Id: String(index),
        ReceiptHandle: receipt,
      }));
      const { Failed = [] } = await client.send(
        new DeleteMessageBatchCommand({ QueueUrl, Entries }),
      );
      const failures = new Map(Failed.map((failure) => [failure.Id, failure]));
      return messages.map((_, index) => {
        const failure = failures.get(String(index));
        return failure === undefined || VOID_RECEIPTS.has(failure.Code ?? "")
          ? null
          : new Error(`SQS did not delete a message: ${failure.Code}: ${failure.Message}`);
      });
    },
  });

  return {
    send: async (body, { delaySeconds = 0 } = {}) => {
      await client.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: JSON.stringify(body),
          DelaySeconds: whole(delaySeconds, MAX_DELAY_SECONDS),
        }),
      );
    },

    receive: async ({ maxMessages, waitSeconds, visibilitySeconds, signal }) => {
      const deadline = performance.now() + waitSeconds * 1000;
      // SQS waits 20 s at most; whoever wants to wait longer asks again.
      for (;;) {
        const leftSeconds = Math.max(0, (deadline - performance.now()) / 1000);
        const messages = await receiveOnce(leftSeconds);
        if (messages.length > 0 || signal.aborted || performance.now() >= deadline) {
          return messages;
        }
      }

      async function receiveOnce(leftSeconds: number): Promise<QueueMessage[]> {
        if (signal.aborted) {
          return [];
        }
        // A controller for each call: the caller's signal lives as long as the process and would collect listeners.
        const call = new AbortController();
        const abort = () => call.abort();
        signal.addEventListener("abort", abort, { once: true });
        try {
          const { Messages = [] } = await client.send(
            new ReceiveMessageCommand({
              QueueUrl,
              MaxNumberOfMessages: Math.min(maxMessages, MAX_BATCH),
              WaitTimeSeconds: whole(leftSeconds, MAX_WAIT_SECONDS),
              VisibilityTimeout: whole(visibilitySeconds, MAX_VISIBILITY_SECONDS),
              MessageSystemAttributeNames: ["ApproximateReceiveCount"],
            }),
            { abortSignal: call.signal },
          );
          return Messages.flatMap(received);
        } catch (error) {
          // What SQS handed out meanwhile comes back when its visibility timeout has passed.
          if (signal.aborted) {
            return [];
          }
          throw error;
        } finally {
          signal.removeEventListener("abort", abort);
        }
      }
    },

    extend: async ({ receipt }, visibilitySeconds) => {
      try {
        await client.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl,
            ReceiptHandle: receipt,
            VisibilityTimeout: whole(visibilitySeconds, MAX_VISIBILITY_SECONDS),
          }),
        );
      } catch (error) {
        if (!(error instanceof Error && VOID_RECEIPTS.has(error.name))) {
          throw error;
        }
      }
    },
    delete: (message) => deletions.add(message),
    deadLetter: async (message, reason) => {
      // A consumer of a newer version may understand it when it comes back; else the redrive policy moves it.
      log.warn(
        { messageId: message.id, receiveCount: message.receiveCount, reason },
        "left to the dead-letter queue",
      );
    },
    close: async () => {
      await deletions.flush();
      client.destroy();
    },
  };
};

const received = (message: Message): QueueMessage[] => {
  const { MessageId, ReceiptHandle, Body = "", Attributes } = message;
  if (MessageId === undefined || ReceiptHandle === undefined) {
    return [];
  }
  return [
    {
      id: MessageId,
      body: parsed(Body),
      receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1),
      receipt: ReceiptHandle,
    },
  ];
};

/** What is no JSON is handed on as text: whoever reads it says why it is refused. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** SQS takes whole seconds only. */
const whole = (seconds: number, most: number): number => Math.min(Math.ceil(seconds), most);
