import { eq, sql } from "drizzle-orm";
import type { Database, Queries } from "../db/index.ts";
import { attempts, videos } from "../db/schema.ts";
import { isErrorCode, SluiceError } from "../errors.ts";
import { retryDelaySeconds } from "./backoff.ts";
import { publishVideoChange } from "./changes.ts";
import {
  type Attempt,
  type AttemptFailure,
  failAttempt,
  findAttempt,
  isAttempt,
  isLive,
  type Job,
  lockJob,
  platformFailure,
  recordJobEvent,
  startAttempt,
  succeedAttempt,
} from "./job.ts";
import type { JobEvent, JobEventPost } from "./job-message.ts";

export type ReportContext = {
  readonly database: Database;
  readonly maxAttempts: number;
  readonly leaseSeconds: number;
};

/**
 * Takes a transcoder's post. Repeating one is harmless, an older one than the newest seen changes
 * nothing, and only the newest attempt is heard. Every post extends the lease.
 * @throws SluiceError `job_not_found`, `attempt_superseded`
 */
export const reportJobEvent = async (
  context: ReportContext,
  jobId: string,
  post: JobEventPost,
): Promise<void> => {
  const accepted = await context.database.queries.transaction(async (tx) => {
    const job = await lockJob(tx, jobId);
    const attempt = job && (await findAttempt(tx, jobId, post.attempt));
    if (!job || !attempt) {
      throw new SluiceError("job_not_found");
    }
    if (isRepeatedEnd(attempt, post.event)) {
      return true;
    }
    if (!mayStillReport(job, attempt, post.event)) {
      return false;
    }
    await extendLease(tx, attempt, context.leaseSeconds);
    if (post.sequence <= attempt.lastSequence) {
      return true;
    }
    await tx.update(attempts).set({ lastSequence: post.sequence }).where(isAttempt(attempt));
    return await applyEvent(tx, context, { job, attempt, event: post.event });
  });
  if (!accepted) {
    throw new SluiceError("attempt_superseded");
  }
};

/** The answer to a final post got lost and the transcoder says it again. */
const isRepeatedEnd = (attempt: Attempt, event: JobEvent): boolean =>
  event.type === attempt.status && (event.type === "succeeded" || event.type === "failed");

/**
 * The newest attempt while it is under way. A success is also taken after we gave that attempt up,
 * as long as no other one was begun: the work is done, and done right.
 */
const mayStillReport = (job: Job, attempt: Attempt, event: JobEvent): boolean => {
  if (attempt.number !== job.attempt || job.status === "cancelled" || job.status === "succeeded") {
    return false;
  }
  return isLive(attempt) || (event.type === "succeeded" && attempt.presentationRemovedAt === null);
};

/** Says that the transcoder lives. */
export const extendLease = async (
  tx: Queries,
  attempt: Attempt,
  leaseSeconds: number,
): Promise<void> => {
  await tx
    .update(attempts)
    .set({ leaseExpiresAt: sql`now() + make_interval(secs => ${leaseSeconds})` })
    .where(isAttempt(attempt));
};

const applyEvent = async (
  tx: Queries,
  { maxAttempts }: ReportContext,
  { job, attempt, event }: { job: Job; attempt: Attempt; event: JobEvent },
): Promise<boolean> => {
  switch (event.type) {
    case "succeeded":
      return await succeedAttempt(tx, job, attempt, event.result);
    case "failed":
      await failAttempt(tx, job, attempt, failureOf(event), {
        maxAttempts,
        // Whoever asked it to stop is to blame: a platform that takes its capacity back, a restart.
        ...(event.code === "interrupted" && {
          counted: false,
          delaySeconds: retryDelaySeconds(attempt.number, Math.random()),
        }),
      });
      return true;
    case "started":
      await startAttempt(tx, job, attempt);
      break;
    case "progress":
      await startAttempt(tx, job, attempt);
      await tx
        .update(attempts)
        .set({
          percent: sql`greatest(${attempts.percent}, ${event.percent}::float8)`,
          etaSeconds: event.etaSeconds,
          speed: event.speed,
        })
        .where(isAttempt(attempt));
      break;
    case "playable":
      await startAttempt(tx, job, attempt);
      await tx
        .update(videos)
        .set({ presentationId: attempt.presentationId, playableAt: sql`now()` })
        .where(eq(videos.id, job.videoId));
      await recordJobEvent(tx, { jobId: job.id, attempt: attempt.number, type: "playable" });
      break;
  }
  await publishVideoChange(tx, job.videoId);
  return true;
};

/** The catalogue decides whose fault it is; the transcoder's word counts where the catalogue leaves it open. */
const failureOf = (event: Extract<JobEvent, { type: "failed" }>): AttemptFailure => {
  if (!isErrorCode(event.code)) {
    return platformFailure("transcode_failed", { code: event.code, message: event.message });
  }
  const { fault } = new SluiceError(event.code);
  return {
    code: event.code,
    message: event.message,
    retryable: event.retryable && fault === "platform",
  };
};
