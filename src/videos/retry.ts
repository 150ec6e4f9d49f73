import { and, desc, eq, sql } from "drizzle-orm";
import type { Database } from "../db/index.ts";
import { jobs, videos } from "../db/schema.ts";
import { SluiceError } from "../errors.ts";
import { publishVideoChange } from "./changes.ts";
import { recordJobEvent, wakeConsumer } from "./job.ts";
import { transitionVideo, type Video } from "./video.ts";

/**
 * A person's retry of a failed video: a new attempt of the same job, with all its tries again.
 * @throws SluiceError `video_not_retryable` when it has not failed, or its file cannot be used
 */
export const retryVideo = async (database: Database, videoId: string): Promise<Video> =>
  await database.queries.transaction(async (tx) => {
    // The job before the video: the order in which everyone locks.
    const [job] = await tx
      .select()
      .from(jobs)
      .where(and(eq(jobs.videoId, videoId), eq(jobs.status, "failed")))
      .orderBy(desc(jobs.id))
      .limit(1)
      .for("update");
    const video =
      job &&
      (await transitionVideo(tx, {
        videoId,
        transition: "retried",
        set: { failureCode: null, failureMessage: null, failureRetryable: null },
        onlyIf: eq(videos.failureRetryable, true),
      }));
    if (!video) {
      throw new SluiceError("video_not_retryable");
    }
    await tx
      .update(jobs)
      .set({
        status: "pending",
        failedAttempts: 0,
        notBefore: sql`now()`,
        failureCode: null,
        failureMessage: null,
        finishedAt: null,
      })
      .where(eq(jobs.id, job.id));
    await recordJobEvent(tx, { jobId: job.id, attempt: job.attempt, type: "retried" });
    await publishVideoChange(tx, videoId);
    await wakeConsumer(tx);
    return video;
  });
