import { and, asc, eq, lt, sql } from "drizzle-orm";
import type { Database } from "../db/index.ts";
import { jobs, uploads } from "../db/schema.ts";
import { SluiceError } from "../errors.ts";
import type { Queue } from "../queue/index.ts";
import type { Storage } from "../storage/index.ts";
import { publishVideoChange } from "./changes.ts";
import { type DeletionContext, purgeVideo } from "./delete-video.ts";
import { JOB_PROTOCOL_VERSION, type ObjectCreated } from "./job-message.ts";
import { inStorage, ownUpload, type Upload } from "./upload.ts";
import { partsOf } from "./upload-parts.ts";
import { findVideo, transitionVideo, type Video } from "./video.ts";

type UploadKey = { readonly uploadId: string; readonly ownerId: string };

/**
 * Joins the parts and hands the video over to the queue. Idempotent, also twice at once. A crash
 * before the commit leaves the upload open, to be completed again; one between the commit and the
 * message is made good by repeating this, or else by the consumer's housekeeping.
 * @throws SluiceError `upload_not_found`, `upload_closed`, `upload_incomplete`,
 *   `upload_size_mismatch`, `storage_full`
 */
export const completeUpload = async (
  context: { database: Database; storage: Storage; queue: Queue },
  key: UploadKey,
): Promise<Video> => {
  const { database, storage, queue } = context;
  const upload = await ownUpload(database.queries, key);
  const completed = upload.status === "completed" ? upload : await join(context, upload);
  const video = await findVideo(database.queries, upload.videoId);
  if (!video || video.status === "deleted") {
    // Cancelled or deleted while the parts were joined: what was joined is nobody's.
    await storage.delete("uploads", upload.objectKey);
    throw new SluiceError("upload_closed");
  }
  if (video.status === "queued" && !(await hasJob(database, video.id))) {
    await queue.send(objectCreated(completed));
  }
  return video;
};

const join = async (
  { database, storage }: { database: Database; storage: Storage },
  upload: Upload,
): Promise<Upload> => {
  if (upload.status !== "open") {
    throw new SluiceError("upload_closed");
  }
  const object = await storage.completeMultipartUpload({
    upload: inStorage(upload),
    parts: partsOf(upload),
  });
  return await database.queries.transaction(async (tx) => {
    const [completed] = await tx
      .update(uploads)
      .set({ status: "completed", objectVersion: object.version, completedAt: sql`now()` })
      .where(and(eq(uploads.id, upload.id), eq(uploads.status, "open")))
      .returning();
    if (completed) {
      await transitionVideo(tx, { videoId: upload.videoId, transition: "uploaded" });
      await publishVideoChange(tx, upload.videoId);
    }
    // Another call was faster: its version is the same, as the object is.
    return completed ?? { ...upload, objectVersion: object.version };
  });
};

/** A message too many is harmless: one object makes one job. */
const hasJob = async (database: Database, videoId: string): Promise<boolean> =>
  (await database.queries.$count(jobs, eq(jobs.videoId, videoId))) > 0;

const objectCreated = (upload: Upload): ObjectCreated => ({
  version: JOB_PROTOCOL_VERSION,
  type: "object-created",
  bucket: "uploads",
  key: upload.objectKey,
  objectVersion: upload.objectVersion,
  sizeBytes: upload.sizeBytes,
});

/**
 * Gives an open upload up, with its video and all that arrived. Idempotent.
 * @throws SluiceError `upload_not_found`; `upload_closed` when it was completed before
 */
export const cancelUpload = async (context: DeletionContext, key: UploadKey): Promise<void> => {
  const upload = await ownUpload(context.database.queries, key);
  if (!(await endUpload(context, upload, "cancelled")) && upload.status === "completed") {
    throw new SluiceError("upload_closed");
  }
};

/** Expired uploads that one run removes at most. */
const BATCH = 100;

/** Removes uploads that were not completed in time. Run it every few minutes. */
export const expireUploads = async (context: DeletionContext): Promise<void> => {
  const abandoned = await context.database.queries
    .select()
    .from(uploads)
    .where(and(eq(uploads.status, "open"), lt(uploads.expiresAt, sql`now()`)))
    .orderBy(asc(uploads.expiresAt))
    .limit(BATCH);
  for (const upload of abandoned) {
    await endUpload(context, upload, "expired");
  }
};

/** @returns whether it was open until now */
const endUpload = async (
  context: DeletionContext,
  upload: Upload,
  status: "cancelled" | "expired",
): Promise<boolean> => {
  const ended = await context.database.queries.transaction(async (tx) => {
    const changed = await tx
      .update(uploads)
      .set({ status })
      .where(and(eq(uploads.id, upload.id), eq(uploads.status, "open")))
      .returning({ id: uploads.id });
    if (changed.length > 0) {
      await transitionVideo(tx, {
        videoId: upload.videoId,
        transition: "deleted",
        set: { deletedAt: new Date() },
      });
      await publishVideoChange(tx, upload.videoId);
    }
    return changed.length > 0;
  });
  if (ended) {
    await purgeVideo(context, upload.videoId);
  }
  return ended;
};
