/**
 * The life of a job and its attempts. Everything that changes them goes through this file, under
 * the job's row lock; where a video changes too, the job is locked first.
 *
 *     pending ──claimed──▶ launched ──reports──▶ running ──▶ succeeded
 *        ▲                     └────────┬──────────┘
 *        └── failed, to be tried again ─┴─▶ failed, for good
 *
 * - `cancelled` is reached from anywhere but `succeeded` and is final.
 * - A person's retry leads from `failed` to `pending`.
 * - An attempt is over once; `job.attempt` is the fencing token, so only the newest attempt counts.
 * - An attempt's process may outlive it: `releasedAt` says when it was gone.
 */
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Queries } from "../db/index.ts";
import { attempts, jobEvents, jobs, videos } from "../db/schema.ts";
import { type ErrorCode, errorCatalogue } from "../errors.ts";
import { retryDelaySeconds } from "./backoff.ts";
import { publishVideoChange } from "./changes.ts";
import type { TranscodeResult } from "./job-message.ts";
import { transitionVideo } from "./video.ts";

export type Job = typeof jobs.$inferSelect;
export type Attempt = typeof attempts.$inferSelect;

/** What follows from a failed attempt. */
export type FailurePolicy = {
  readonly maxAttempts: number;
  /** Whether it counts against the limit; an attempt that we, or the platform, ended does not. Default true. */
  readonly counted?: boolean;
  /** False where only a person's retry can help, once something was mended. Default true. */
  readonly again?: boolean;
  /** Wait before the next attempt in place of the usual backoff, or of none for what does not count. */
  readonly delaySeconds?: number;
};

/** Why an attempt failed, and whether another one may do better. */
export type AttemptFailure = {
  readonly code: ErrorCode;
  /** A sentence for people. */
  readonly message: string;
  readonly retryable: boolean;
  /** What only the job's history tells: exit code, signal. */
  readonly details?: Record<string, unknown>;
};

/** A failure of ours in the catalogue's words. */
export const platformFailure = (
  code: ErrorCode,
  details: Record<string, unknown> = {},
): AttemptFailure => ({ code, message: errorCatalogue[code].message, retryable: true, details });

/** Wakes the consumer's loop: something is to be launched or stopped. */
export const JOBS_CHANNEL = "sluice_jobs";
export const wakeConsumer = async (queries: Queries): Promise<void> => {
  await queries.execute(sql`select pg_notify(${JOBS_CHANNEL}, '')`);
};

/** Whether an attempt is still under way. */
export const isLive = (attempt: Attempt): boolean =>
  attempt.status === "launched" || attempt.status === "running";

/** Takes the job's row lock for the rest of the transaction. */
export const lockJob = async (tx: Queries, jobId: string): Promise<Job | null> => {
  const [job] = await tx.select().from(jobs).where(eq(jobs.id, jobId)).for("update");
  return job ?? null;
};

export const findAttempt = async (
  queries: Queries,
  jobId: string,
  number: number,
): Promise<Attempt | null> => {
  const [attempt] = await queries.select().from(attempts).where(isAttempt({ jobId, number }));
  return attempt ?? null;
};

/** Condition for one attempt's row. */
export const isAttempt = ({ jobId, number }: { jobId: string; number: number }) =>
  and(eq(attempts.jobId, jobId), eq(attempts.number, number));

/** Adds to the job's history. */
export const recordJobEvent = async (
  tx: Queries,
  event: { jobId: string; attempt: number; type: string; data?: Record<string, unknown> },
): Promise<void> => {
  await tx.insert(jobEvents).values(event);
};

/** `launched → running`, at the first sign of life. */
export const startAttempt = async (tx: Queries, job: Job, attempt: Attempt): Promise<void> => {
  if (attempt.status !== "launched") {
    return;
  }
  await tx
    .update(attempts)
    .set({ status: "running", startedAt: sql`now()` })
    .where(isAttempt(attempt));
  await tx.update(jobs).set({ status: "running" }).where(eq(jobs.id, job.id));
  await transitionVideo(tx, { videoId: job.videoId, transition: "started" });
  await recordJobEvent(tx, { jobId: job.id, attempt: attempt.number, type: "started" });
};

/**
 * The attempt's presentation becomes the video's, in the same transaction.
 * @returns false when the video is deleted: then the job ends as cancelled
 */
export const succeedAttempt = async (
  tx: Queries,
  job: Job,
  attempt: Attempt,
  result: TranscodeResult,
): Promise<boolean> => {
  const now = new Date();
  const video = await transitionVideo(tx, {
    videoId: job.videoId,
    transition: "succeeded",
    set: {
      presentationId: attempt.presentationId,
      durationSeconds: result.durationSeconds,
      width: result.width,
      height: result.height,
      frameRate: result.frameRate,
      hasAudio: result.hasAudio,
      hasPoster: result.poster !== null,
      renditions: result.renditions,
      sound: result.sound,
      sourceText: result.text ?? [],
      warnings: result.warnings,
      mediaBytes: result.totalBytes,
      failureCode: null,
      failureMessage: null,
      failureRetryable: null,
      readyAt: now,
    },
  });
  const status = video ? "succeeded" : "cancelled";
  await tx
    .update(videos)
    .set({ playableAt: sql`coalesce(${videos.playableAt}, ${videos.readyAt})` })
    .where(and(eq(videos.id, job.videoId), eq(videos.status, "ready")));
  await tx
    .update(attempts)
    .set({ status, finishedAt: now, percent: 100, etaSeconds: null, failureCode: null })
    .where(isAttempt(attempt));
  await tx
    .update(jobs)
    .set({ status, finishedAt: now, failureCode: null, failureMessage: null })
    .where(eq(jobs.id, job.id));
  await recordJobEvent(tx, { jobId: job.id, attempt: attempt.number, type: status });
  await publishVideoChange(tx, job.videoId);
  return video !== null;
};

/**
 * Ends a live attempt as failed; the job waits for its next attempt, or fails with its video when
 * another one cannot help or there were enough.
 */
export const failAttempt = async (
  tx: Queries,
  job: Job,
  attempt: Attempt,
  failure: AttemptFailure,
  policy: FailurePolicy,
): Promise<void> => {
  const { counted = true } = policy;
  const failedAttempts = job.failedAttempts + (counted ? 1 : 0);
  const again = (policy.again ?? true) && failure.retryable && failedAttempts < policy.maxAttempts;
  const backoffSeconds = counted ? retryDelaySeconds(failedAttempts, Math.random()) : 0;
  const delaySeconds = policy.delaySeconds ?? backoffSeconds;
  const reason = { failureCode: failure.code, failureMessage: failure.message };
  await tx
    .update(attempts)
    .set({ ...reason, status: "failed", finishedAt: sql`now()`, etaSeconds: null, speed: null })
    .where(isAttempt(attempt));
  await tx
    .update(jobs)
    .set(
      again
        ? {
            status: "pending",
            failedAttempts,
            notBefore: sql`now() + make_interval(secs => ${delaySeconds})`,
          }
        : { ...reason, status: "failed", failedAttempts, finishedAt: sql`now()` },
    )
    .where(eq(jobs.id, job.id));
  await withdrawPlayable(tx, job, attempt);
  if (!again) {
    await transitionVideo(tx, {
      videoId: job.videoId,
      transition: "failed",
      set: { ...reason, failureRetryable: failure.retryable },
    });
  }
  await recordJobEvent(tx, {
    jobId: job.id,
    attempt: attempt.number,
    type: "failed",
    data: { ...failure, again, ...(again && { delaySeconds }) },
  });
  await publishVideoChange(tx, job.videoId);
  await wakeConsumer(tx);
};

/** What an attempt showed before it was done must not be played once it failed: it never grows again. */
const withdrawPlayable = async (tx: Queries, job: Job, attempt: Attempt): Promise<void> => {
  await tx
    .update(videos)
    .set({ presentationId: null, playableAt: null })
    .where(
      and(
        eq(videos.id, job.videoId),
        eq(videos.presentationId, attempt.presentationId),
        inArray(videos.status, ["queued", "processing"]),
      ),
    );
};

/** Ends every job of the video; the consumer stops their transcoders at once. Call it before the video's row is changed. */
export const cancelJobs = async (tx: Queries, videoId: string): Promise<void> => {
  const open = await tx
    .select()
    .from(jobs)
    .where(
      and(
        eq(jobs.videoId, videoId),
        inArray(jobs.status, ["pending", "launched", "running", "failed"]),
      ),
    )
    .for("update");
  for (const job of open) {
    await cancelJob(tx, job);
  }
};

/** Ends one locked job. */
export const cancelJob = async (tx: Queries, job: Job): Promise<void> => {
  await tx
    .update(jobs)
    .set({ status: "cancelled", finishedAt: sql`now()` })
    .where(eq(jobs.id, job.id));
  await tx
    .update(attempts)
    .set({ status: "cancelled", finishedAt: sql`now()` })
    .where(and(eq(attempts.jobId, job.id), inArray(attempts.status, ["launched", "running"])));
  await recordJobEvent(tx, { jobId: job.id, attempt: job.attempt, type: "cancelled" });
  await wakeConsumer(tx);
};
