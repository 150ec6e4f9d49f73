import { and, asc, count, eq, inArray, isNull, lte, notInArray, sql } from "drizzle-orm";
import type { Database, Queries } from "../db/index.ts";
import { attempts, jobs, videos } from "../db/schema.ts";
import { toSluiceError } from "../errors.ts";
import type { Keys } from "../keys.ts";
import type { Launcher } from "../launcher/index.ts";
import type { Log } from "../log.ts";
import { publishVideoChange } from "./changes.ts";
import {
  type Attempt,
  cancelJob,
  failAttempt,
  findAttempt,
  isAttempt,
  isLive,
  type Job,
  lockJob,
  platformFailure,
  recordJobEvent,
  wakeConsumer,
} from "./job.ts";
import { signJobToken } from "./job-token.ts";

export type LaunchContext = {
  readonly database: Database;
  readonly launcher: Launcher;
  readonly keys: Keys;
  readonly log: Log;
  readonly maxAttempts: number;
  readonly leaseSeconds: number;
};

/** Starts transcoders for waiting jobs, oldest first, until none is due or all places are taken. */
export const launchPending = async (context: LaunchContext, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    const claimed = await context.database.queries.transaction((tx) => claimNext(tx, context));
    if (claimed === null) {
      return;
    }
    await launch(context, claimed);
  }
};

/** Serialises claims, so that two consumers do not both take the last place; any constant does. */
const CLAIM_LOCK_KEY = 0x6a6f6273;

type Claimed = { readonly job: Job; readonly attempt: Attempt };

const claimNext = async (tx: Queries, context: LaunchContext): Promise<Claimed | null> => {
  await tx.execute(sql`select pg_advisory_xact_lock(${CLAIM_LOCK_KEY})`);
  if ((await placesTaken(tx)) >= context.launcher.capacity) {
    return null;
  }
  await cancelOrphans(tx);
  const [job] = await tx
    .select()
    .from(jobs)
    .where(and(eq(jobs.status, "pending"), lte(jobs.notBefore, sql`now()`)))
    .orderBy(asc(jobs.id))
    .limit(1)
    .for("update", { skipLocked: true });
  if (!job) {
    return null;
  }
  const number = job.attempt + 1;
  const [attempt] = await tx
    .insert(attempts)
    .values({
      jobId: job.id,
      number,
      presentationId: Bun.randomUUIDv7(),
      createdAt: new Date(),
      leaseExpiresAt: sql`now() + make_interval(secs => ${context.leaseSeconds})`,
    })
    .returning();
  if (!attempt) {
    return null;
  }
  await tx.update(jobs).set({ status: "launched", attempt: number }).where(eq(jobs.id, job.id));
  await recordJobEvent(tx, { jobId: job.id, attempt: number, type: "launched" });
  await publishVideoChange(tx, job.videoId);
  return { job: { ...job, status: "launched", attempt: number }, attempt };
};

/**
 * Attempts whose process may be running, as the database knows: processes that outlived a killed
 * consumer count, so a restart never runs more than the limit.
 */
const placesTaken = async (tx: Queries): Promise<number> => {
  const [row] = await tx
    .select({ taken: count() })
    .from(attempts)
    .where(isNull(attempts.releasedAt));
  return row?.taken ?? 0;
};

/** A job that was made while its video was being deleted, or long after it was ready, has nothing to do. */
const cancelOrphans = async (tx: Queries): Promise<void> => {
  const orphans = await tx
    .select({ job: jobs })
    .from(jobs)
    .innerJoin(videos, eq(videos.id, jobs.videoId))
    .where(
      and(
        eq(jobs.status, "pending"),
        notInArray(videos.status, ["uploading", "queued", "processing"]),
      ),
    )
    .for("update", { of: jobs, skipLocked: true });
  for (const { job } of orphans) {
    await cancelJob(tx, job);
  }
};

/** Outside the claim's transaction: a crash in between leaves an attempt whose lease lapses. */
const launch = async (context: LaunchContext, { job, attempt }: Claimed): Promise<void> => {
  const { database, launcher, keys } = context;
  const log = context.log.child({ jobId: job.id, attempt: attempt.number, videoId: job.videoId });
  try {
    const ref = await launcher.launch({
      jobId: job.id,
      attempt: attempt.number,
      token: signJobToken(keys, {
        jobId: job.id,
        attempt: attempt.number,
        createdAt: attempt.createdAt,
      }),
    });
    const [row] = await database.queries
      .update(attempts)
      .set({ launcherRef: ref })
      .where(isAttempt(attempt))
      .returning();
    if (row && !isLive(row)) {
      // Cancelled while it was being launched: now there is a reference by which to stop it.
      await wakeConsumer(database.queries);
    }
    log.info({ ref }, "transcoder launched");
  } catch (thrown) {
    const error = toSluiceError(thrown, "launch_failed");
    log.error({ err: error }, "the transcoder could not be launched");
    await failLaunch(context, attempt, platformFailure(error.code, { reason: error.message }));
  }
};

const failLaunch = async (
  { database, maxAttempts }: LaunchContext,
  { jobId, number }: Attempt,
  failure: ReturnType<typeof platformFailure>,
): Promise<void> => {
  await database.queries.transaction(async (tx) => {
    const job = await lockJob(tx, jobId);
    const attempt = await findAttempt(tx, jobId, number);
    if (job && attempt && isLive(attempt)) {
      await failAttempt(tx, job, attempt, failure, { maxAttempts });
    }
    await tx.update(attempts).set({ releasedAt: sql`now()` }).where(isAttempt({ jobId, number }));
  });
};

/** Milliseconds until a waiting job is due, or null when none waits. */
export const nextLaunchInMs = async (queries: Queries): Promise<number | null> => {
  const [row] = await queries
    .select({
      ms: sql<string | null>`extract(epoch from min(${jobs.notBefore}) - clock_timestamp()) * 1000`,
    })
    .from(jobs)
    .where(inArray(jobs.status, ["pending"]));
  return row?.ms == null ? null : Math.max(0, Math.ceil(Number(row.ms)));
};
