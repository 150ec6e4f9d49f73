import { and, asc, count, eq, inArray, isNull, lte, notInArray, sql } from "drizzle-orm";
import type { Database, Queries } from "../db/index.ts";
import { attempts, jobs, videos } from "../db/schema.ts";
import { type SluiceError, toSluiceError } from "../errors.ts";
import type { Keys } from "../keys.ts";
import type { Launcher } from "../launcher/index.ts";
import type { Log } from "../log.ts";
import { retryDelaySeconds } from "./backoff.ts";
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
import { extendLease } from "./job-report.ts";
import { signJobToken } from "./job-token.ts";

export type LaunchContext = {
  readonly database: Database;
  readonly launcher: Launcher;
  readonly keys: Keys;
  readonly log: Log;
  readonly maxAttempts: number;
  readonly leaseSeconds: number;
};

/** Calls of a platform far away take a second each; one after another, a burst of uploads would wait minutes. */
const LAUNCHES_AT_ONCE = 5;

/**
 * Starts transcoders for waiting jobs, oldest first, until none is due or all places are taken.
 * @returns `deferred` when the platform had no room: then others would fare no better for a while
 */
export const launchPending = async (
  context: LaunchContext,
  signal: AbortSignal,
): Promise<"done" | "deferred"> => {
  const underWay = new Set<Promise<void>>();
  let deferred = false;
  try {
    while (!signal.aborted && !deferred) {
      const claimed = await context.database.queries.transaction((tx) => claimNext(tx, context));
      if (claimed === null) {
        break;
      }
      const launching = launch(context, claimed).then((outcome) => {
        deferred ||= outcome === "deferred";
      });
      underWay.add(launching);
      launching.finally(() => underWay.delete(launching)).catch(() => {});
      if (underWay.size >= LAUNCHES_AT_ONCE) {
        await Promise.race(underWay);
      }
    }
  } finally {
    await Promise.allSettled(underWay);
  }
  await Promise.all(underWay);
  return deferred ? "deferred" : "done";
};

/** Serialises claims, so that two consumers do not both take the last place; any constant does. */
const CLAIM_LOCK_KEY = 0x6a6f6273;

type Claimed = { readonly job: Job; readonly attempt: Attempt; readonly sourceBytes: number };

const claimNext = async (tx: Queries, context: LaunchContext): Promise<Claimed | null> => {
  await tx.execute(sql`select pg_advisory_xact_lock(${CLAIM_LOCK_KEY})`);
  if ((await placesTaken(tx)) >= context.launcher.capacity) {
    return null;
  }
  await cancelOrphans(tx);
  const [found] = await tx
    .select({ job: jobs, sourceBytes: videos.sourceBytes })
    .from(jobs)
    .innerJoin(videos, eq(videos.id, jobs.videoId))
    .where(and(eq(jobs.status, "pending"), lte(jobs.notBefore, sql`now()`)))
    .orderBy(asc(jobs.id))
    .limit(1)
    .for("update", { of: jobs, skipLocked: true });
  if (!found) {
    return null;
  }
  const { job, sourceBytes } = found;
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
  return { job: { ...job, status: "launched", attempt: number }, attempt, sourceBytes };
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

/** Outside the claim's transaction: a crash in between leaves an attempt that is looked for, and whose lease lapses. */
const launch = async (
  context: LaunchContext,
  { job, attempt, sourceBytes }: Claimed,
): Promise<"launched" | "failed" | "deferred"> => {
  const { database, launcher, keys, leaseSeconds } = context;
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
      sourceBytes,
      failedAttempts: job.failedAttempts,
    });
    await recordLaunch(database.queries, attempt, {
      ref,
      leaseSeconds: leaseSeconds + launcher.startSeconds,
    });
    log.info({ ref }, "transcoder launched");
    return "launched";
  } catch (thrown) {
    const error = toSluiceError(thrown, "launch_failed");
    log.error({ err: error }, "the transcoder could not be launched");
    return await failLaunch(context, { job, attempt, error });
  }
};

/**
 * Writes down by what a launched transcoder is found, and gives it the time that its start takes. When
 * its attempt is over by now, it is stopped: also one that was given up as lost meanwhile.
 */
export const recordLaunch = async (
  queries: Queries,
  attempt: Attempt,
  { ref, leaseSeconds }: { ref: string; leaseSeconds: number },
): Promise<void> => {
  const wasLost = sql`${attempts.failureCode} = 'transcoder_lost'`;
  const [row] = await queries
    .update(attempts)
    .set({
      launcherRef: ref,
      leaseExpiresAt: sql`greatest(${attempts.leaseExpiresAt}, case when ${attempts.status} = 'launched'
        then now() + make_interval(secs => ${leaseSeconds}) else ${attempts.leaseExpiresAt} end)`,
      releasedAt: sql`case when ${wasLost} then null else ${attempts.releasedAt} end`,
    })
    .where(isAttempt(attempt))
    .returning();
  if (row && !isLive(row)) {
    await wakeConsumer(queries);
  }
};

/** Seconds until a job for which there was no room is tried again; all others wait as long, see `launch-pause.ts`. */
const deferralSeconds = (job: Job): number =>
  retryDelaySeconds(Math.min(job.attempt - job.failedAttempts, MOST_DOUBLINGS), Math.random());
/** Up to a minute or two: capacity comes and goes within minutes. */
const MOST_DOUBLINGS = 7;

/** What a launch that failed leads to. */
const failLaunch = async (
  { database, maxAttempts, leaseSeconds }: LaunchContext,
  { job: { id }, attempt: { number }, error }: { job: Job; attempt: Attempt; error: SluiceError },
): Promise<"failed" | "deferred"> => {
  const { code } = error;
  return await database.queries.transaction(async (tx) => {
    const job = await lockJob(tx, id);
    const attempt = await findAttempt(tx, id, number);
    if (!job || !attempt) {
      return "failed";
    }
    if (code === "launch_uncertain") {
      // It may be running: it is looked for until its lease lapses, and only then tried again.
      await extendLease(tx, attempt, leaseSeconds);
      return "failed";
    }
    if (isLive(attempt)) {
      await failAttempt(tx, job, attempt, platformFailure(code, { reason: error.message }), {
        maxAttempts,
        ...(code === "launch_deferred" && {
          counted: false,
          delaySeconds: deferralSeconds(job),
        }),
        again: code !== "launch_misconfigured",
      });
    }
    await tx.update(attempts).set({ releasedAt: sql`now()` }).where(isAttempt(attempt));
    return code === "launch_deferred" ? "deferred" : "failed";
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
