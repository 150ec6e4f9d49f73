import type { Database } from "../db/index.ts";
import { SluiceError } from "../errors.ts";
import type { Storage } from "../storage/index.ts";
import { presentationPrefix } from "../storage/keys.ts";
import { findAttempt, isLive, lockJob } from "./job.ts";
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
    maxDurationSeconds: context.maxDurationSeconds,
    loudnessLufs: context.loudnessLufs,
  };
};
