import { and, eq, inArray, sql } from "drizzle-orm";
import type { Queries } from "../db/index.ts";
import { attempts, jobs } from "../db/schema.ts";

/** How far the work on a video is. */
export type JobProgress = {
  /** 0 to 100. */
  readonly percent: number;
  readonly etaSeconds: number | null;
  /** Multiple of real time. */
  readonly speed: number | null;
  /** Jobs that will be started before this one; null once it runs. */
  readonly queuePosition: number | null;
  /** Which try this is, from 1; 0 while the first one waits. */
  readonly attempt: number;
};

/** Progress by video id; videos without an unfinished job are not in it. */
export const readProgress = async (
  queries: Queries,
  videoIds: readonly string[],
): Promise<Map<string, JobProgress>> => {
  if (videoIds.length === 0) {
    return new Map();
  }
  const rows = await queries
    .select({
      videoId: jobs.videoId,
      attempt: jobs.attempt,
      waits: sql<boolean>`${jobs.status} = 'pending'`,
      ahead: sql<number>`(
        select count(*)::int from jobs as earlier
        where earlier.status = 'pending' and earlier.id < ${jobs.id}
      )`,
      percent: attempts.percent,
      etaSeconds: attempts.etaSeconds,
      speed: attempts.speed,
    })
    .from(jobs)
    .leftJoin(attempts, and(eq(attempts.jobId, jobs.id), eq(attempts.number, jobs.attempt)))
    .where(
      and(
        inArray(jobs.videoId, [...videoIds]),
        inArray(jobs.status, ["pending", "launched", "running"]),
      ),
    );
  return new Map(
    rows.map(({ videoId, attempt, waits, ahead, percent, etaSeconds, speed }) => [
      videoId,
      {
        // What a failed attempt had reached is gone.
        percent: waits ? 0 : (percent ?? 0),
        etaSeconds: waits ? null : etaSeconds,
        speed: waits ? null : speed,
        queuePosition: waits ? ahead : null,
        attempt,
      },
    ]),
  );
};

/** For the metrics: jobs that wait and jobs that run. */
export const countJobs = async (
  queries: Queries,
): Promise<{ pending: number; running: number }> => {
  const rows = await queries
    .select({ status: jobs.status, count: sql<number>`count(*)::int` })
    .from(jobs)
    .where(inArray(jobs.status, ["pending", "launched", "running"]))
    .groupBy(jobs.status);
  const of = (status: string) => rows.find((row) => row.status === status)?.count ?? 0;
  return { pending: of("pending"), running: of("launched") + of("running") };
};
