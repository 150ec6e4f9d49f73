import { and, desc, eq, isNull, lt } from "drizzle-orm";
import type { Database } from "../db/index.ts";
import { attempts } from "../db/schema.ts";
import { SluiceError } from "../errors.ts";
import { checkpointName } from "../presentation/names.ts";
import type { Storage } from "../storage/index.ts";
import { presentationPrefix } from "../storage/keys.ts";
import { type Attempt, findAttempt, isLive, lockJob } from "./job.ts";
import { JOB_PROTOCOL_VERSION, type JobDocument } from "./job-message.ts";
import { extendLease } from "./job-report.ts";

/**
 * What a transcoder needs for its attempt. Asking for it is a sign of life.
 * @throws SluiceError `job_not_found`, `attempt_superseded`
 */
export const readJobDocument = async (
  context: {
    database: Database;
    storage: Storage;
    leaseSeconds: number;
    maxDurationSeconds: number;
    loudnessLufs: number | null;
    /** Whether keys for its places in S3 can be had. */
    scopedCredentials?: boolean;
  },
  { jobId, attempt: number }: { jobId: string; attempt: number },
): Promise<JobDocument> => {
  const found = await context.database.queries.transaction(async (tx) => {
    const job = await lockJob(tx, jobId);
    const attempt = job && (await findAttempt(tx, jobId, number));
    if (!job || !attempt) {
      throw new SluiceError("job_not_found");
    }
    if (attempt.number !== job.attempt || !isLive(attempt)) {
      throw new SluiceError("attempt_superseded");
    }
    await extendLease(tx, attempt, context.leaseSeconds);
    return { job, attempt };
  });
  const { job, attempt } = found;
  const resumeFrom = await findCheckpoint(context, job.videoId, attempt);
  return {
    version: JOB_PROTOCOL_VERSION,
    jobId,
    attempt: attempt.number,
    videoId: job.videoId,
    presentationId: attempt.presentationId,
    source: context.storage.locate("uploads", job.objectKey),
    output: context.storage.locate(
      "media",
      presentationPrefix(job.videoId, attempt.presentationId),
    ),
    ...(resumeFrom !== null && { resumeFrom: context.storage.locate("media", resumeFrom) }),
    ...(context.scopedCredentials === true && { scopedCredentials: true }),
    maxDurationSeconds: context.maxDurationSeconds,
    loudnessLufs: context.loudnessLufs,
  };
};

/** Earlier attempts that are looked at: a job has few, and the newest with a checkpoint has come furthest. */
const MOST_EARLIER_ATTEMPTS = 5;

/**
 * Prefix of the newest earlier attempt of the same job that left a checkpoint, or null. It stays as
 * long as the job is under way: housekeeping removes presentations of ended jobs alone.
 */
const findCheckpoint = async (
  { database, storage }: { database: Database; storage: Storage },
  videoId: string,
  { jobId, number }: Pick<Attempt, "jobId" | "number">,
): Promise<string | null> => {
  const earlier = await database.queries
    .select({ presentationId: attempts.presentationId })
    .from(attempts)
    .where(
      and(
        eq(attempts.jobId, jobId),
        lt(attempts.number, number),
        eq(attempts.status, "failed"),
        isNull(attempts.presentationRemovedAt),
      ),
    )
    .orderBy(desc(attempts.number))
    .limit(MOST_EARLIER_ATTEMPTS);
  for (const { presentationId } of earlier) {
    const prefix = presentationPrefix(videoId, presentationId);
    if ((await storage.head("media", prefix + checkpointName)) !== null) {
      return prefix;
    }
  }
  return null;
};
