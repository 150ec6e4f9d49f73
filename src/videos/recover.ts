import { and, eq, isNull, sql } from "drizzle-orm";
import { isConnectionFailure } from "../db/connection-failure.ts";
import type { Queries } from "../db/index.ts";
import { attempts, jobs } from "../db/schema.ts";
import type { LaunchExit, Launcher, LaunchState } from "../launcher/index.ts";
import type { Log } from "../log.ts";
import { type AttemptEndContext, failureOfExit, settleAttempt } from "./attempt-end.ts";
import { type Attempt, isAttempt, isLive, platformFailure } from "./job.ts";
import { extendLease } from "./job-report.ts";
import { recordLaunch } from "./launch.ts";

export type RecoverContext = AttemptEndContext & {
  readonly launcher: Launcher;
  readonly log: Log;
  readonly leaseSeconds: number;
};

/** A transcoder of ours ended: the fast way to notice. */
export const attemptExited = (context: AttemptEndContext, exit: LaunchExit): Promise<void> =>
  settleAttempt(
    context,
    { jobId: exit.jobId, number: exit.attempt },
    { failure: failureOfExit(exit), released: true, after: exit.after },
  );

/** Stops transcoders without waiting for them: a stubborn one takes seconds to die. */
export type Stopper = {
  /**
   * Calls `onGone` if it is gone then; otherwise a later look sees that it is. A second call for the same
   * one meanwhile does nothing.
   */
  stop(ref: string, onGone: () => Promise<void>): void;
  /** Resolves when none is being stopped any more. */
  settled(): Promise<void>;
};

export const createStopper = ({ launcher, log }: RecoverContext): Stopper => {
  const stopping = new Map<string, Promise<void>>();
  return {
    stop: (ref, onGone) => {
      if (stopping.has(ref)) {
        return;
      }
      const run = async () => {
        try {
          if ((await launcher.stop(ref)) === "gone") {
            await onGone();
          }
        } catch (error) {
          log.error({ err: error, ref }, "a transcoder could not be stopped");
        } finally {
          stopping.delete(ref);
        }
      };
      stopping.set(ref, run());
    },
    settled: async () => {
      await Promise.all(stopping.values());
    },
  };
};

/**
 * Looks at every attempt whose process is not known to be gone:
 * - its launch was never written down (the consumer died over it): looked for, and found again;
 * - its process has ended (it outlived a consumer that was killed): settled as an exit;
 * - it is still being started: its lease waits for it, within reason;
 * - its lease lapsed while it was under way: given up as lost;
 * - it is over (cancelled, or its lease lapsed): its process is stopped.
 *
 * @param options.forgiveSilence a lapsed lease counts for nothing as long as the process is seen
 *   running. Default false.
 */
export const recoverAttempts = async (
  context: RecoverContext,
  stopper: Stopper,
  { forgiveSilence = false }: { forgiveSilence?: boolean } = {},
): Promise<void> => {
  const unreleased = await unreleasedAttempts(context.database.queries);
  const refs = unreleased.flatMap(({ attempt: { launcherRef } }) => launcherRef ?? []);
  const states = refs.length === 0 ? new Map() : await context.launcher.inspect(refs);
  for (const found of unreleased) {
    const { jobId, number, launcherRef } = found.attempt;
    try {
      const state = launcherRef === null ? null : (states.get(launcherRef) ?? UNKNOWN);
      await recoverAttempt(context, stopper, { ...found, state, forgiveSilence });
    } catch (error) {
      // Without the database nobody can be helped; otherwise one bad attempt must not hold up the rest.
      if (isConnectionFailure(error)) {
        throw error;
      }
      context.log.error({ err: error, jobId, attempt: number }, "an attempt was not looked after");
    }
  }
};

/** The launcher could not say this time: then the lease alone decides. */
const UNKNOWN = { kind: "unknown" } as const;
/** A launch under way writes its reference down within moments; looked for only after that. */
const FIND_AFTER_SECONDS = 10;
/** What has not started by then never will: longer than ECS waits for capacity of its own (30 minutes in PROVISIONING). */
const LONGEST_START_SECONDS = 45 * 60;

type Unreleased = {
  readonly attempt: Attempt;
  readonly lapsed: boolean;
  readonly ageSeconds: number;
};

const unreleasedAttempts = async (queries: Queries): Promise<Unreleased[]> =>
  await queries
    .select({
      attempt: attempts,
      lapsed: sql<boolean>`${attempts.leaseExpiresAt} < now()`,
      ageSeconds: sql<number>`extract(epoch from now() - ${attempts.createdAt})::float8`,
    })
    .from(attempts)
    .innerJoin(jobs, eq(jobs.id, attempts.jobId))
    .where(isNull(attempts.releasedAt));

const recoverAttempt = async (
  context: RecoverContext,
  stopper: Stopper,
  {
    attempt,
    lapsed,
    ageSeconds,
    state,
    forgiveSilence,
  }: Unreleased & {
    /** Null where no reference was ever written down. */
    state: LaunchState | typeof UNKNOWN | null;
    forgiveSilence: boolean;
  },
): Promise<void> => {
  const { jobId, number, launcherRef: ref } = attempt;
  const settle = (reason: string, released: boolean) =>
    settleAttempt(
      context,
      { jobId, number },
      { failure: platformFailure("transcoder_lost", { reason }), released },
    );
  if (ref === null && (lapsed || ageSeconds > FIND_AFTER_SECONDS)) {
    const found = await context.launcher.find({ jobId, attempt: number });
    if (found !== null) {
      context.log.warn({ jobId, attempt: number, ref: found }, "a launch was found again");
      await recordLaunch(context.database.queries, attempt, {
        ref: found,
        leaseSeconds: context.leaseSeconds + context.launcher.startSeconds,
      });
      return;
    }
  }
  if (state?.kind === "exited") {
    return state.end === null
      ? await settle("its process ended while nobody watched", true)
      : await attemptExited(context, { jobId, attempt: number, ...state.end });
  }
  const isStarting = state?.kind === "starting" && ageSeconds < LONGEST_START_SECONDS;
  if (isLive(attempt) && lapsed && isStarting) {
    return await extendLease(context.database.queries, attempt, context.leaseSeconds);
  }
  const isSeen = state?.kind === "running" || state?.kind === "starting";
  if (isLive(attempt) && isSeen && forgiveSilence) {
    return;
  }
  if (isLive(attempt) && lapsed) {
    await settle("it reported nothing within its lease", false);
  }
  const over = attempt.status === "cancelled" || lapsed;
  if (!over) {
    return;
  }
  if (ref === null || state?.kind === "lost") {
    if (lapsed) {
      await release(context, attempt);
    }
    return;
  }
  stopper.stop(ref, () => release(context, attempt));
};

const release = async ({ database }: RecoverContext, attempt: Attempt): Promise<void> => {
  await database.queries
    .update(attempts)
    .set({ releasedAt: sql`now()` })
    .where(and(isAttempt(attempt), isNull(attempts.releasedAt)));
};

/**
 * Ends all running transcoders at an orderly shutdown and puts their jobs back, uncounted: for
 * installations where nobody would be there to take their reports.
 */
export const handBackAttempts = async (
  context: RecoverContext,
  stopper: Stopper,
): Promise<void> => {
  for (const { attempt } of await unreleasedAttempts(context.database.queries)) {
    const { jobId, number, launcherRef: ref } = attempt;
    // Settled first: what the transcoder reports of its own end would count as a failure.
    await settleAttempt(
      context,
      { jobId, number },
      { failure: platformFailure("interrupted"), released: false, after: "spare" },
    );
    if (ref !== null) {
      stopper.stop(ref, () => release(context, attempt));
    }
  }
  await stopper.settled();
};
