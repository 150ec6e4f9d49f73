import { eq } from "drizzle-orm";
import type { Database } from "../db/index.ts";
import { jobs, uploads, videos } from "../db/schema.ts";
import type { LaunchExit } from "../launcher/index.ts";
import type { Log } from "../log.ts";
import type { Queue, QueueMessage } from "../queue/index.ts";
import type { QueueEvent } from "../queue/queue-event.ts";
import { type MessageNames, readMessage } from "../queue/read-message.ts";
import { parseSourceKey } from "../storage/keys.ts";
import { publishVideoChange } from "./changes.ts";
import { wakeConsumer } from "./job.ts";
import type { ObjectCreated } from "./job-message.ts";
import { transitionVideo } from "./video.ts";

/** What an event led to. */
export type Dispatched =
  | { readonly kind: "job-created"; readonly jobId: string }
  | { readonly kind: "duplicate" }
  /** Nothing to do any more, for example because the video was deleted. */
  | { readonly kind: "ignored"; readonly reason: string }
  /** A transcoder's end was settled. */
  | { readonly kind: "attempt-settled" }
  /** Not a message of ours: it will never become one. */
  | { readonly kind: "refused"; readonly reason: string };

export type DispatchContext = {
  readonly database: Database;
  readonly queue: Queue;
  readonly log: Log;
  readonly names: MessageNames;
  /** Settles an attempt whose transcoder ended. */
  readonly transcoderEnded: (exit: LaunchExit) => Promise<void>;
};

/**
 * Handles all that one message tells. It leaves the queue only when every event of it is committed,
 * so a crash in between repeats it, which changes nothing. A message with a part that nobody
 * understands goes to the dead letters with the reason, after its other parts were handled.
 */
export const dispatchMessage = async (
  context: DispatchContext,
  message: QueueMessage,
): Promise<Dispatched[]> => {
  const { queue, log, names } = context;
  const { events, refusals } = readMessage(message.body, names);
  const outcomes: Dispatched[] = refusals.map((reason) => ({ kind: "refused", reason }));
  for (const event of events) {
    outcomes.push(await dispatchEvent(context, event));
  }
  const reasons = outcomes.flatMap((outcome) =>
    outcome.kind === "refused" ? [outcome.reason] : [],
  );
  for (const outcome of outcomes) {
    log.info({ messageId: message.id, ...outcome }, "queue message handled");
  }
  if (reasons.length === 0) {
    await queue.delete(message);
  } else {
    const reason = reasons.join("; ").slice(0, MAX_REASON_CHARS);
    log.error({ messageId: message.id, reason }, "a queue message was refused");
    await queue.deadLetter(message, reason);
  }
  return outcomes;
};

/** A message of hundreds of bad records needs no reason for each. */
const MAX_REASON_CHARS = 2_000;

const dispatchEvent = async (context: DispatchContext, event: QueueEvent): Promise<Dispatched> => {
  switch (event.kind) {
    case "object-created":
      return await dispatch(context.database, event.object);
    case "transcoder-ended":
      await context.transcoderEnded(event.exit);
      return { kind: "attempt-settled" };
    case "nothing":
      return { kind: "ignored", reason: event.reason };
  }
};

/** Makes the job of an uploaded object, once however often the event comes. */
export const dispatch = async (database: Database, object: ObjectCreated): Promise<Dispatched> => {
  const ids = parseSourceKey(object.key);
  if (ids === null || object.bucket !== "uploads") {
    return { kind: "refused", reason: `${object.bucket}/${object.key} is not an uploaded source` };
  }
  return await database.queries.transaction(async (tx): Promise<Dispatched> => {
    const [upload] = await tx
      .select({ videoId: uploads.videoId, status: videos.status })
      .from(uploads)
      .innerJoin(videos, eq(videos.id, uploads.videoId))
      .where(eq(uploads.objectKey, object.key));
    if (!upload) {
      return { kind: "ignored", reason: "there is no such video" };
    }
    const { videoId, status } = upload;
    if (status === "deleted") {
      return { kind: "ignored", reason: "the video was deleted" };
    }
    const [job] = await tx
      .insert(jobs)
      .values({
        videoId,
        bucket: object.bucket,
        objectKey: object.key,
        objectVersion: object.objectVersion,
      })
      .onConflictDoNothing()
      .returning({ id: jobs.id });
    if (!job) {
      return { kind: "duplicate" };
    }
    // The event may come before the answer to `complete`; whoever is first moves the video on.
    await transitionVideo(tx, { videoId, transition: "uploaded" });
    await publishVideoChange(tx, videoId);
    await wakeConsumer(tx);
    return { kind: "job-created", jobId: job.id };
  });
};
