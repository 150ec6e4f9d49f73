import { and, eq, exists, isNull, ne, or } from "drizzle-orm";
import type { Database, Queries } from "../db/index.ts";
import { attempts, jobs, uploads, videos } from "../db/schema.ts";
import { SluiceError } from "../errors.ts";
import type { Storage } from "../storage/index.ts";
import { sourceKey, videoMediaPrefix } from "../storage/keys.ts";
import { publishVideoChange } from "./changes.ts";
import { cancelJobs } from "./job.ts";
import { forgetTracks } from "./publish-tracks.ts";
import { inStorage } from "./upload.ts";
import { findVideo, transitionVideo } from "./video.ts";

export type DeletionContext = { readonly database: Database; readonly storage: Storage };

/** `uploads.storageUploadId` of an upload that storage holds nothing of any more. */
const NOTHING_IN_STORAGE = "";

/**
 * Deletes a video for good: stops its job, removes every object and every row but the tombstone.
 * From the first commit on nobody sees it; a crash after that is made good by `purgeDeletedVideos`.
 * @throws SluiceError `video_not_found` when there is none, or it is another user's
 */
export const deleteVideo = async (
  context: DeletionContext,
  { videoId, ownerId }: { videoId: string; ownerId: string },
): Promise<void> => {
  await context.database.queries.transaction(async (tx) => {
    const video = await findVideo(tx, videoId);
    if (video?.ownerId !== ownerId) {
      throw new SluiceError("video_not_found");
    }
    await cancelJobs(tx, videoId);
    await tx
      .update(uploads)
      .set({ status: "cancelled" })
      .where(and(eq(uploads.videoId, videoId), eq(uploads.status, "open")));
    const deleted = await transitionVideo(tx, {
      videoId,
      transition: "deleted",
      // What people wrote goes with the video; the tombstone needs none of it.
      set: {
        deletedAt: new Date(),
        title: "",
        visibility: "private",
        sound: [],
        warnings: [],
        sourceText: [],
      },
    });
    if (!deleted) {
      throw new SluiceError("video_not_found");
    }
    await forgetTracks(tx, videoId);
    await publishVideoChange(tx, videoId);
  });
  await purgeVideo(context, videoId);
};

/** Longer than launchers take to end a transcoder that does not listen. */
const STOP_MS = 12_000;
const LOOK_EVERY_MS = 100;

/**
 * Deletes all videos of a user, for the end of an account. Waits until nothing writes to them any
 * more: once the account's rows are gone, nobody would know of files that came late.
 */
export const deleteVideosOf = async (context: DeletionContext, ownerId: string): Promise<void> => {
  const owned = await context.database.queries
    .select({ id: videos.id })
    .from(videos)
    .where(and(eq(videos.ownerId, ownerId), ne(videos.status, "deleted")));
  for (const { id } of owned) {
    await deleteVideo(context, { videoId: id, ownerId });
  }
  const deadline = performance.now() + STOP_MS;
  let unfinished = await deletedWithJobs(context.database.queries, ownerId);
  while (unfinished.length > 0 && performance.now() < deadline) {
    await Bun.sleep(LOOK_EVERY_MS);
    for (const { id } of unfinished) {
      await purgeVideo(context, id);
    }
    unfinished = await deletedWithJobs(context.database.queries, ownerId);
  }
};

const deletedWithJobs = (queries: Queries, ownerId: string): Promise<{ id: string }[]> =>
  queries
    .selectDistinct({ id: videos.id })
    .from(videos)
    .innerJoin(jobs, eq(jobs.videoId, videos.id))
    .where(and(eq(videos.ownerId, ownerId), eq(videos.status, "deleted")));

/**
 * Removes what a deleted video left in storage, then its rows. A transcoder that is still being
 * stopped may go on writing: then the job's rows stay, and a later run does the rest.
 */
export const purgeVideo = async (
  { database: { queries }, storage }: DeletionContext,
  videoId: string,
): Promise<void> => {
  const video = await findVideo(queries, videoId);
  if (video?.status !== "deleted") {
    return;
  }
  const [upload] = await queries.select().from(uploads).where(eq(uploads.videoId, videoId));
  if (upload && upload.storageUploadId !== NOTHING_IN_STORAGE) {
    await storage.abortMultipartUpload(inStorage(upload));
  }
  await storage.delete("uploads", sourceKey(video.ownerId, videoId));
  const writing = await isBeingWritten(queries, videoId);
  await storage.deletePrefix("media", videoMediaPrefix(videoId));
  if (!writing) {
    await queries.delete(jobs).where(eq(jobs.videoId, videoId));
  }
  await forgetUpload(queries, videoId);
};

/** An upload that ended unfinished stays until the tombstone goes, so that its owner can be told what became of it. */
const forgetUpload = async (queries: Queries, videoId: string): Promise<void> => {
  await queries
    .delete(uploads)
    .where(and(eq(uploads.videoId, videoId), eq(uploads.status, "completed")));
  await queries
    .update(uploads)
    .set({ storageUploadId: NOTHING_IN_STORAGE })
    .where(eq(uploads.videoId, videoId));
};

const isBeingWritten = async (queries: Queries, videoId: string): Promise<boolean> => {
  const [writing] = await queries
    .select({ jobId: attempts.jobId })
    .from(attempts)
    .innerJoin(jobs, eq(jobs.id, attempts.jobId))
    .where(and(eq(jobs.videoId, videoId), isNull(attempts.releasedAt)))
    .limit(1);
  return writing !== undefined;
};

/** Videos that one run purges at most. */
const BATCH = 100;

/** Finishes deletions that were cut short or waited for a transcoder to end. Run it every few minutes. */
export const purgeDeletedVideos = async (context: DeletionContext): Promise<void> => {
  const { queries } = context.database;
  const rest = await queries
    .select({ id: videos.id })
    .from(videos)
    .where(
      and(
        eq(videos.status, "deleted"),
        or(
          exists(queries.select().from(jobs).where(eq(jobs.videoId, videos.id))),
          exists(
            queries
              .select()
              .from(uploads)
              .where(
                and(
                  eq(uploads.videoId, videos.id),
                  ne(uploads.storageUploadId, NOTHING_IN_STORAGE),
                ),
              ),
          ),
        ),
      ),
    )
    .limit(BATCH);
  for (const { id } of rest) {
    await purgeVideo(context, id);
  }
};
