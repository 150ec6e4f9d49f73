import { and, eq, isNull, sql } from "drizzle-orm";
import { isConnectionFailure } from "../db/connection-failure.ts";
import type { Queries } from "../db/index.ts";
import { attempts, jobs } from "../db/schema.ts";
import type { LaunchExit, Launcher } from "../launcher/index.ts";
import type { Log } from "../log.ts";
import { type AttemptEndContext, failureOfExit, settleAttempt } from "./attempt-end.ts";
import { type Attempt, isAttempt, isLive, platformFailure } from "./job.ts";

export type RecoverContext = AttemptEndContext & {
  readonly launcher: Launcher;
  readonly log: Log;
};

/** A transcoder of ours ended: the fast way to notice. */
export const attemptExited = (context: AttemptEndContext, exit: LaunchExit): Promise<void> =>
  settleAttempt(
    context,
    { jobId: exit.jobId, number: exit.attempt },
    { failure: failureOfExit(exit), released: true },
  );

/** Stops transcoders without waiting for them: a stubborn one takes seconds to die. */
export type Stopper = {
  /** Calls `onStopped` once it is gone; a second call for the same one meanwhile does nothing. */
  stop(ref: string, onStopped: () => Promise<void>): void;
  /** Resolves when none is being stopped any more. */
  settled(): Promise<void>;
};

export const createStopper = ({ launcher, log }: RecoverContext): Stopper => {
  const stopping = new Map<string, Promise<void>>();
  return {
    stop: (ref, onStopped) => {
      if (stopping.has(ref)) {
        return;
      }
      const run = async () => {
        try {
          await launcher.stop(ref);
          await onStopped();
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
 * - its process has ended (it outlived a consumer that was killed): settled as an exit;
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
  for (const unreleased of await unreleasedAttempts(context.database.queries)) {
    try {
      await recoverAttempt(context, stopper, { ...unreleased, forgiveSilence });
    } catch (error) {
      // Without the database nobody can be helped; otherwise one bad attempt must not hold up the rest.
      if (isConnectionFailure(error)) {
        throw error;
      }
      const { jobId, number } = unreleased.attempt;
      context.log.error({ err: error, jobId, attempt: number }, "an attempt was not looked after");
    }
  }
};

type Unreleased = { readonly attempt: Attempt; readonly lapsed: boolean };

const unreleasedAttempts = async (queries: Queries): Promise<Unreleased[]> =>
  await queries
    .select({ attempt: attempts, lapsed: sql<boolean>`${attempts.leaseExpiresAt} < now()` })
    .from(attempts)
    .innerJoin(jobs, eq(jobs.id, attempts.jobId))
    .where(isNull(attempts.releasedAt));

const recoverAttempt = async (
  context: RecoverContext,
  stopper: Stopper,
  { attempt, lapsed, forgiveSilence }: Unreleased & { forgiveSilence: boolean },
): Promise<void> => {
  const { jobId, number, launcherRef: ref } = attempt;
  const settle = (reason: string, released: boolean) =>
    settleAttempt(
      context,
      { jobId, number },
      { failure: platformFailure("transcoder_lost", { reason }), released },
    );
  // No reference: the consumer died between claim and launch, or is launching it this moment.
  const state = ref === null ? "lost" : await context.launcher.inspect(ref);
  if (state === "exited") {
    return await settle("its process ended while nobody watched", true);
  }
  if (isLive(attempt) && state === "running" && forgiveSilence) {
    return;
  }
  if (isLive(attempt) && lapsed) {
    await settle("it reported nothing within its lease", false);
  }
  const over = attempt.status === "cancelled" || lapsed;
  if (!over) {
    return;
  }
  if (ref === null || state === "lost") {
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
      { failure: platformFailure("interrupted"), released: false, counted: false },
    );
    if (ref !== null) {
      stopper.stop(ref, () => release(context, attempt));
    }
  }
  await stopper.settled();
};
