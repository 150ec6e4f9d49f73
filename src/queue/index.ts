import type { ConsumerConfig } from "../config.ts";
import type { Database } from "../db/index.ts";
import type { Log } from "../log.ts";
import { openPostgresQueue } from "./postgres.ts";
import { openSqsQueue } from "./sqs.ts";

/** A received message; hidden from others until its visibility timeout passes. */
export type QueueMessage = {
  readonly id: string;
  readonly body: unknown;
  /** Times it was received, this one included. */
  readonly receiveCount: number;
  /** Proof of this receive; a later receive of the same message voids it. */
  readonly receipt: string;
};

/**
 * The queue port: at-least-once, unordered. A message that is received but not deleted comes back
 * after its visibility timeout; one that came back too often is moved to the dead letters.
 */
export type Queue = {
  send(body: unknown, options?: { delaySeconds?: number }): Promise<void>;
  /**
   * Waits up to `waitSeconds` for messages; an empty list means none came.
   * @param options.maxMessages 1 to 10, SQS's limit
   * @param options.visibilitySeconds for how long others do not see what is received
   */
  receive(options: {
    maxMessages: number;
    waitSeconds: number;
    visibilitySeconds: number;
    signal: AbortSignal;
  }): Promise<QueueMessage[]>;
  /** Extends the visibility timeout to that many seconds from now. No effect with a void receipt. */
  extend(message: QueueMessage, visibilitySeconds: number): Promise<void>;
  /** Done with it. No effect with a void receipt. */
  delete(message: QueueMessage): Promise<void>;
  /** Never deliver again: keeps it with the reason for people to look at. */
  deadLetter(message: QueueMessage, reason: string): Promise<void>;
  close(): Promise<void>;
};

type QueueConfig = Pick<
  ConsumerConfig,
  "QUEUE" | "SQS_QUEUE_URL" | "SQS_TASK_EVENTS_QUEUE_URL" | "AWS_REGION" | "AWS_ENDPOINT_URL_SQS"
>;

/** Opens the queue that the settings choose. */
export const openQueue = (config: QueueConfig, database: Database, log: Log): Queue => {
  switch (config.QUEUE) {
    case "postgres":
      return openPostgresQueue(database, log);
    case "sqs":
      return openSqs(config, config.SQS_QUEUE_URL, log);
  }
};

/** Opens the queue of task state changes; null where they come by the queue of uploads, or not at all. */
export const openTaskEventQueue = (config: QueueConfig, log: Log): Queue | null => {
  const { QUEUE, SQS_QUEUE_URL, SQS_TASK_EVENTS_QUEUE_URL: url } = config;
  const isTheSame = QUEUE === "sqs" && url === SQS_QUEUE_URL;
  return url === undefined || isTheSame ? null : openSqs(config, url, log);
};

const openSqs = (config: QueueConfig, queueUrl: string | undefined, log: Log): Queue =>
  openSqsQueue({
    // The table of needs has seen to both.
    queueUrl: queueUrl ?? "",
    region: config.AWS_REGION ?? "",
    endpoint: config.AWS_ENDPOINT_URL_SQS,
    log,
  });
