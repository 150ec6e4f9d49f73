import { Value } from "@sinclair/typebox/value";
import { eq } from "drizzle-orm";
import type { Database } from "../db/index.ts";
import { jobs, uploads, videos } from "../db/schema.ts";
import type { Log } from "../log.ts";
import type { Queue, QueueMessage } from "../queue/index.ts";
import { parseSourceKey } from "../storage/keys.ts";
import { publishVideoChange } from "./changes.ts";
import { wakeConsumer } from "./job.ts";
import { ObjectCreated } from "./job-message.ts";
import { transitionVideo } from "./video.ts";

/** What a message led to. */
export type Dispatched =
  | { readonly kind: "job-created"; readonly jobId: string }
  | { readonly kind: "duplicate" }
  /** Nothing to do any more, for example because the video was deleted. */
  | { readonly kind: "ignored"; readonly reason: string }
  /** Not a message of ours: it will never become one. */
  | { readonly kind: "refused"; readonly reason: string };

/** Handles one message; it leaves the queue only when its job is committed, so a crash in between repeats it. */
export const dispatchMessage = async (
  { database, queue, log }: { database: Database; queue: Queue; log: Log },
  message: QueueMessage,
): Promise<Dispatched> => {
  const outcome = await dispatch(database, message.body);
  if (outcome.kind === "refused") {
    log.error({ messageId: message.id, ...outcome }, "a queue message was refused");
    await queue.deadLetter(message, outcome.reason);
  } else {
    log.info({ messageId: message.id, ...outcome }, "queue message handled");
    await queue.delete(message);
  }
  return outcome;
};

/** Makes the job of an uploaded object, once however often the event comes. */
export const dispatch = async (database: Database, body: unknown): Promise<Dispatched> => {
  if (!Value.Check(ObjectCreated, body)) {
    const [problem] = Value.Errors(ObjectCreated, body);
    return { kind: "refused", reason: `${problem?.path || "/"}: ${problem?.message ?? "invalid"}` };
  }
  const ids = parseSourceKey(body.key);
  if (ids === null || body.bucket !== "uploads") {
    return { kind: "refused", reason: `${body.bucket}/${body.key} is not an uploaded source` };
  }
  return await database.queries.transaction(async (tx): Promise<Dispatched> => {
    const [upload] = await tx
      .select({ videoId: uploads.videoId, status: videos.status })
      .from(uploads)
      .innerJoin(videos, eq(videos.id, uploads.videoId))
      .where(eq(uploads.objectKey, body.key));
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
        bucket: body.bucket,
        objectKey: body.key,
        objectVersion: body.objectVersion,
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
