import { and, eq, ne, sql, sum } from "drizzle-orm";
import type { Queries } from "../db/index.ts";
import { uploads, videos } from "../db/schema.ts";
import { SluiceError } from "../errors.ts";
import type { Storage } from "../storage/index.ts";

/** What uploads may take; from the settings. Bytes. */
export type UploadLimits = {
  readonly maxUploadBytes: number;
  /** Of all of one user's videos, unfinished uploads included; 0 for no limit. */
  readonly userQuotaBytes: number;
  /** Stays free on the disk after everything that was promised has arrived. */
  readonly minFreeDiskBytes: number;
};

/** Serialises admissions, so that two at once cannot both take the last room; any constant does, it spells "admit". */
const ADMISSION_LOCK_KEY = 0x61646d6974;

/** One user's unfinished uploads: more than anyone sends at a time, few enough to look through at each start. */
const MAX_OPEN_UPLOADS = 200;

/**
 * Refuses an upload for what can be told from its size alone.
 * @throws SluiceError `upload_empty`, `upload_too_large`
 */
export const refuseSize = (sizeBytes: number, { maxUploadBytes }: UploadLimits): void => {
  if (sizeBytes === 0) {
    throw new SluiceError("upload_empty");
  }
  if (sizeBytes > maxUploadBytes) {
    throw new SluiceError("upload_too_large", { details: { maxUploadBytes } });
  }
};

/**
 * Bytes that can still be promised on top of what open uploads were promised and have not sent;
 * Infinity where the store has no limit. Asked outside the admission's transaction, which holds
 * everybody up: an upload admitted in between is seen by `admitUpload`.
 */
export const measureRoom = async (
  queries: Queries,
  storage: Storage,
  limits: UploadLimits,
): Promise<{ roomBytes: number; openUploadIds: ReadonlySet<string> }> => {
  const open = await queries
    .select({
      id: uploads.id,
      key: uploads.objectKey,
      uploadId: uploads.storageUploadId,
      sizeBytes: uploads.sizeBytes,
    })
    .from(uploads)
    .where(eq(uploads.status, "open"));
  const openUploadIds = new Set(open.map((upload) => upload.id));
  const freeBytes = await storage.freeBytes();
  if (freeBytes === Number.POSITIVE_INFINITY) {
    return { roomBytes: freeBytes, openUploadIds };
  }
  let promisedBytes = 0;
  for (const upload of open) {
    const received = await storage.listParts(upload);
    promisedBytes += received.reduce((left, part) => left - part.sizeBytes, upload.sizeBytes);
  }
  return { roomBytes: freeBytes - limits.minFreeDiskBytes - promisedBytes, openUploadIds };
};

/**
 * Lets an upload in or refuses it. Call it in the transaction that inserts the upload: the lock it
 * takes holds until the end of it.
 * @throws SluiceError `quota_exceeded`, `storage_full`
 */
export const admitUpload = async (
  tx: Queries,
  upload: { ownerId: string; sizeBytes: number },
  limits: UploadLimits,
  room: { roomBytes: number; openUploadIds: ReadonlySet<string> },
): Promise<void> => {
  await tx.execute(sql`select pg_advisory_xact_lock(${ADMISSION_LOCK_KEY})`);
  const own = and(eq(uploads.ownerId, upload.ownerId), eq(uploads.status, "open"));
  if ((await tx.$count(uploads, own)) >= MAX_OPEN_UPLOADS) {
    throw new SluiceError("quota_exceeded", {
      message: `You have ${MAX_OPEN_UPLOADS} unfinished uploads; complete or cancel some first.`,
      details: { openUploads: MAX_OPEN_UPLOADS },
    });
  }
  if (limits.userQuotaBytes > 0) {
    const [held] = await tx
      .select({ bytes: sum(videos.sourceBytes).mapWith(Number) })
      .from(videos)
      .where(and(eq(videos.ownerId, upload.ownerId), ne(videos.status, "deleted")));
    const usedBytes = held?.bytes ?? 0;
    if (usedBytes + upload.sizeBytes > limits.userQuotaBytes) {
      throw new SluiceError("quota_exceeded", {
        details: { quotaBytes: limits.userQuotaBytes, usedBytes },
      });
    }
  }
  if (room.roomBytes === Number.POSITIVE_INFINITY) {
    return;
  }
  const open = await tx
    .select({ id: uploads.id, sizeBytes: uploads.sizeBytes })
    .from(uploads)
    .where(eq(uploads.status, "open"));
  const promisedSince = open
    .filter(({ id }) => !room.openUploadIds.has(id))
    .reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  if (upload.sizeBytes + promisedSince > room.roomBytes) {
    throw new SluiceError("storage_full");
  }
};
