import { Value } from "@sinclair/typebox/value";
import { eq, sql } from "drizzle-orm";
import type { Database } from "../db/index.ts";
import { attempts, jobs } from "../db/schema.ts";
import type { ErrorCode } from "../errors.ts";
import type { AfterExit, LaunchEnd } from "../launcher/index.ts";
import type { Log } from "../log.ts";
import { resultName } from "../presentation/names.ts";
import type { Storage } from "../storage/index.ts";
import { presentationPrefix } from "../storage/keys.ts";
import {
  type Attempt,
  type AttemptFailure,
  failAttempt,
  findAttempt,
  isAttempt,
  isLive,
  lockJob,
  platformFailure,
  succeedAttempt,
} from "./job.ts";
import { TranscodeResult } from "./job-message.ts";

export type AttemptEndContext = {
  readonly database: Database;
  readonly storage: Storage;
  readonly log: Log;
  readonly maxAttempts: number;
};

/** How the end of an attempt became known. */
export type AttemptEnd = {
  /** What it means unless the attempt turns out to have been finished. */
  readonly failure: AttemptFailure;
  /** Whether its process is known to be gone, so that its place is free. */
  readonly released: boolean;
  /** What the job does then. Default `count`. */
  readonly after?: AfterExit;
};

/**
 * Settles an attempt whose transcoder ended or fell silent. Where its result lies finished in
 * storage, only the callback was lost, and it succeeds after all. Settling twice changes nothing.
 */
export const settleAttempt = async (
  context: AttemptEndContext,
  ended: { jobId: string; number: number },
  { failure, released, after = "count" }: AttemptEnd,
): Promise<void> => {
  const { database, log, maxAttempts } = context;
  const before = await findAttempt(database.queries, ended.jobId, ended.number);
  // Read outside the transaction: storage may be slow.
  const result = before && isLive(before) ? await readResult(context, before) : null;
  await database.queries.transaction(async (tx) => {
    const job = await lockJob(tx, ended.jobId);
    const attempt = await findAttempt(tx, ended.jobId, ended.number);
    if (!job || !attempt) {
      return;
    }
    if (isLive(attempt) && attempt.number === job.attempt) {
      const facts = { jobId: job.id, videoId: job.videoId, attempt: attempt.number };
      if (result) {
        log.info(facts, "the result was found in storage; its report had been lost");
        await succeedAttempt(tx, job, attempt, result);
      } else {
        log.warn({ ...facts, failure }, "an attempt failed");
        await failAttempt(tx, job, attempt, failure, {
          maxAttempts,
          counted: after !== "spare",
          again: after !== "give-up",
        });
      }
    }
    if (released && attempt.releasedAt === null) {
      await tx.update(attempts).set({ releasedAt: sql`now()` }).where(isAttempt(attempt));
    }
  });
};

/** The result file is written last, so where it is valid the presentation is whole. */
const readResult = async (
  { database, storage, log }: AttemptEndContext,
  attempt: Attempt,
): Promise<TranscodeResult | null> => {
  const [job] = await database.queries
    .select({ videoId: jobs.videoId })
    .from(jobs)
    .where(eq(jobs.id, attempt.jobId));
  if (!job) {
    return null;
  }
  const key = presentationPrefix(job.videoId, attempt.presentationId) + resultName;
  try {
    const stream = await storage.get("media", key);
    const result: unknown = stream && (await new Response(stream).json());
    return Value.Check(TranscodeResult, result) ? result : null;
  } catch (error) {
    log.warn({ err: error, key }, "a result file could not be read");
    return null;
  }
};

/** The transcoder's exit codes after sysexits.h, as far as a retry or the shown reason depends on them. */
const exitCodes: Record<number, { code: ErrorCode; retryable: boolean }> = {
  0: { code: "transcoder_crashed", retryable: true },
  // EX_DATAERR and EX_NOINPUT: another attempt meets the same file.
  65: { code: "source_undecodable", retryable: false },
  66: { code: "source_not_found", retryable: false },
  70: { code: "transcode_failed", retryable: true },
  73: { code: "output_not_writable", retryable: true },
  75: { code: "interrupted", retryable: true },
  // EX_CONFIG: what the launcher gave it is not what it reads.
  78: { code: "launch_misconfigured", retryable: true },
  130: { code: "interrupted", retryable: true },
  143: { code: "interrupted", retryable: true },
};

/** What an exit means for an attempt that had not reported its end. */
export const failureOfExit = (exit: Omit<LaunchEnd, "after">): AttemptFailure => {
  const { code, retryable } =
    exit.code !== null
      ? { code: exit.code, retryable: true }
      : (exitCodes[exit.exitCode ?? -1] ?? {
          code: "transcoder_crashed" as const,
          retryable: true,
        });
  const details = { exitCode: exit.exitCode, signal: exit.signal, reason: exit.reason };
  return { ...platformFailure(code, details), retryable };
};
