import { and, eq, inArray, isNotNull, isNull, lt, ne, notExists, or, sql } from "drizzle-orm";
import type { Database } from "../db/index.ts";
import {
  attempts,
  idempotencyKeys,
  type JobStatus,
  jobs,
  queueMessages,
  uploads,
  videos,
} from "../db/schema.ts";
import type { Log } from "../log.ts";
import type { Queue } from "../queue/index.ts";
import type { Storage } from "../storage/index.ts";
import { presentationPrefix, sourceKey, videoMediaPrefix } from "../storage/keys.ts";
import { purgeDeletedVideos } from "./delete-video.ts";
import { isAttempt, lockJob } from "./job.ts";
import { JOB_PROTOCOL_VERSION, type ObjectCreated } from "./job-message.ts";
import { publishLateTracks, removeOldTracks } from "./publish-tracks.ts";
import { expireUploads } from "./upload-end.ts";

export type HousekeepingContext = {
  readonly database: Database;
  readonly queue: Queue;
  readonly storage: Storage;
  readonly log: Log;
};

/** One piece of work that is done over and over; each run takes at most a batch, so it stays short. */
export type Chore = { readonly name: string; readonly run: () => Promise<void> };

const BATCH = 100;

/** A message takes milliseconds; one that made no job in this time is taken for lost. */
const LOST_MESSAGE_SECONDS = 60;
/** A late event of a deleted video finds its tombstone for so long; SQS keeps messages no longer. */
const TOMBSTONE_DAYS = 14;
/** Longer than a job in its last second could still write, and short enough not to fill a disk. */
const STALE_PRESENTATION_SECONDS = 60;
const IDEMPOTENCY_KEY_HOURS = 24;
/** As long as a person might take to look at them. */
const DEAD_LETTER_DAYS = 30;

const ago = (amount: number, unit: "secs" | "hours" | "days") =>
  sql`now() - make_interval(${sql.raw(unit)} => ${amount})`;

export const videoChores = (context: HousekeepingContext): Chore[] => [
  { name: "resend lost upload messages", run: () => resendLostUploads(context) },
  { name: "remove stale presentations", run: () => removeStalePresentations(context) },
  { name: "expire uploads", run: () => expireUploads(context) },
  { name: "publish late text tracks", run: () => publishLateTracks(context) },
  { name: "remove old text tracks", run: () => removeOldTracks(context) },
  { name: "finish deletions", run: () => purgeDeletedVideos(context) },
  { name: "remove tombstones", run: () => removeTombstones(context) },
  { name: "remove old idempotency keys", run: () => removeOldIdempotencyKeys(context) },
  { name: "remove old dead letters", run: () => removeOldDeadLetters(context) },
];

/** A completed upload whose message was lost, or could not be sent, would wait for ever: sends it again. */
export const resendLostUploads = async ({
  database: { queries },
  queue,
  log,
}: HousekeepingContext): Promise<void> => {
  const lost = await queries
    .select({ upload: uploads })
    .from(uploads)
    .innerJoin(videos, eq(videos.id, uploads.videoId))
    .where(
      and(
        eq(uploads.status, "completed"),
        lt(uploads.completedAt, ago(LOST_MESSAGE_SECONDS, "secs")),
        inArray(videos.status, ["uploading", "queued"]),
        notExists(queries.select().from(jobs).where(eq(jobs.videoId, videos.id))),
      ),
    )
    .limit(BATCH);
  for (const { upload } of lost) {
    log.warn({ videoId: upload.videoId }, "an upload has no job; sending its message again");
    await queue.send({
      version: JOB_PROTOCOL_VERSION,
      type: "object-created",
      bucket: "uploads",
      key: upload.objectKey,
      objectVersion: upload.objectVersion,
      sizeBytes: upload.sizeBytes,
    } satisfies ObjectCreated);
  }
};

const endedStatuses: JobStatus[] = ["succeeded", "failed", "cancelled"];

/** Presentations that lost, or whose video failed or was deleted, once nothing writes to them any more. */
export const removeStalePresentations = async ({
  database: { queries },
  storage,
}: HousekeepingContext): Promise<void> => {
  const stale = await queries
    .select({ attempt: attempts, videoId: videos.id })
    .from(attempts)
    .innerJoin(jobs, eq(jobs.id, attempts.jobId))
    .innerJoin(videos, eq(videos.id, jobs.videoId))
    .where(
      and(
        isNull(attempts.presentationRemovedAt),
        lt(attempts.releasedAt, ago(STALE_PRESENTATION_SECONDS, "secs")),
        inArray(jobs.status, endedStatuses),
        or(
          isNull(videos.presentationId),
          ne(videos.presentationId, attempts.presentationId),
          eq(videos.status, "deleted"),
        ),
      ),
    )
    .limit(BATCH);
  for (const { attempt, videoId } of stale) {
    // Marked first, under the job's lock: a success reported this late must not win an empty folder.
    const marked = await queries.transaction(async (tx) => {
      const job = await lockJob(tx, attempt.jobId);
      // Retried meanwhile: the next attempt may go on with what lies there.
      if (!job || !endedStatuses.includes(job.status)) {
        return [];
      }
      return await tx
        .update(attempts)
        .set({ presentationRemovedAt: sql`now()` })
        .where(and(isAttempt(attempt), eq(attempts.status, attempt.status)))
        .returning({ number: attempts.number });
    });
    if (marked.length > 0) {
      await storage.deletePrefix("media", presentationPrefix(videoId, attempt.presentationId));
    }
  }
};

/** Tombstones of deleted videos, with whatever a crash during the deletion may have left in storage. */
export const removeTombstones = async ({
  database: { queries },
  storage,
}: HousekeepingContext): Promise<void> => {
  const old = await queries
    .select({ id: videos.id, ownerId: videos.ownerId })
    .from(videos)
    .where(and(isNotNull(videos.deletedAt), lt(videos.deletedAt, ago(TOMBSTONE_DAYS, "days"))))
    .limit(BATCH);
  for (const { id, ownerId } of old) {
    await storage.deletePrefix("media", videoMediaPrefix(id));
    await storage.delete("uploads", sourceKey(ownerId, id));
    await queries.delete(videos).where(eq(videos.id, id));
  }
};

const removeOldIdempotencyKeys = async ({ database }: HousekeepingContext): Promise<void> => {
  await database.queries
    .delete(idempotencyKeys)
    .where(lt(idempotencyKeys.createdAt, ago(IDEMPOTENCY_KEY_HOURS, "hours")));
};

const removeOldDeadLetters = async ({ database }: HousekeepingContext): Promise<void> => {
  await database.queries
    .delete(queueMessages)
    .where(lt(queueMessages.deadAt, ago(DEAD_LETTER_DAYS, "days")));
};
