import { and, desc, eq, sql } from "drizzle-orm";
import type { Database, Queries } from "../db/index.ts";
import { uploads, type Visibility, videos } from "../db/schema.ts";
import { SluiceError } from "../errors.ts";
import type { MultipartUpload, SignedRequest, Storage } from "../storage/index.ts";
import { sourceKey } from "../storage/keys.ts";
import { admitUpload, measureRoom, refuseSize, type UploadLimits } from "./upload-admission.ts";
import { type Part, partAt, partBytesFor, partsOf } from "./upload-parts.ts";
import type { Video } from "./video.ts";

/**
 * An upload is `open` from its start until one of these ends it, each guarded in SQL:
 *
 *     open ──complete──▶ completed      its video goes on to `queued`
 *       ├────cancel────▶ cancelled      its video becomes a tombstone
 *       └────time──────▶ expired        the same
 */
export type Upload = typeof uploads.$inferSelect;

export type UploadSettings = UploadLimits & {
  /** Wished size of a part. */
  readonly partBytes: number;
  readonly expiryHours: number;
};

export type UploadContext = {
  readonly database: Database;
  readonly storage: Storage;
  readonly settings: UploadSettings;
};

export type SignedPartRequest = Part & SignedRequest;

/** Parts signed with the answer that starts an upload. */
const FIRST_PARTS = 20;
/** Long enough for a slow line to get through a batch; afterwards the client asks again. */
const PART_ADDRESS_SECONDS = 6 * 3600;

/**
 * Begins an upload and its video.
 * @throws SluiceError `upload_empty`, `upload_too_large`, `quota_exceeded`, `storage_full`
 */
export const startUpload = async (
  context: UploadContext,
  input: {
    ownerId: string;
    fileName: string;
    contentType: string;
    sizeBytes: number;
    title: string;
    visibility: Visibility;
  },
): Promise<{ upload: Upload; video: Video; parts: SignedPartRequest[] }> => {
  const { database, storage, settings } = context;
  const { ownerId, fileName, contentType, sizeBytes, title, visibility } = input;
  refuseSize(sizeBytes, settings);
  const room = await measureRoom(database.queries, storage, settings);
  const videoId = Bun.randomUUIDv7();
  const key = sourceKey(ownerId, videoId);
  const begun = await storage.createMultipartUpload({ key, sizeBytes, contentType });
  try {
    const rows = await database.queries.transaction(async (tx) => {
      await admitUpload(tx, { ownerId, sizeBytes }, settings, room);
      const [video] = await tx
        .insert(videos)
        .values({ id: videoId, ownerId, title, visibility, sourceBytes: sizeBytes })
        .returning();
      const [upload] = await tx
        .insert(uploads)
        .values({
          videoId,
          ownerId,
          objectKey: key,
          storageUploadId: begun.uploadId,
          fileName,
          contentType,
          sizeBytes,
          partBytes: partBytesFor(sizeBytes, settings.partBytes),
          expiresAt: sql`now() + make_interval(hours => ${settings.expiryHours})`,
        })
        .returning();
      return { video, upload };
    });
    const { video, upload } = rows;
    if (!video || !upload) {
      throw new Error("an insert returned no row");
    }
    const first = Array.from({ length: FIRST_PARTS }, (_, index) => partAt(upload, index + 1));
    const parts = await signParts(
      context,
      upload,
      first.flatMap((part) => (part === null ? [] : [{ ...part, crc32: null }])),
    );
    return { upload, video, parts };
  } catch (thrown) {
    await storage.abortMultipartUpload(begun);
    throw thrown;
  }
};

/**
 * The upload if it is this user's.
 * @throws SluiceError `upload_not_found`
 */
export const ownUpload = async (
  queries: Queries,
  { uploadId, ownerId }: { uploadId: string; ownerId: string },
): Promise<Upload> => {
  const [upload] = await queries
    .select()
    .from(uploads)
    .where(and(eq(uploads.id, uploadId), eq(uploads.ownerId, ownerId)));
  if (!upload) {
    throw new SluiceError("upload_not_found");
  }
  return upload;
};

/** A user's open uploads, newest first: what a browser that comes back may go on with. */
export const openUploads = (queries: Queries, ownerId: string): Promise<Upload[]> =>
  queries
    .select()
    .from(uploads)
    .where(and(eq(uploads.ownerId, ownerId), eq(uploads.status, "open")))
    .orderBy(desc(uploads.id));

/**
 * Addresses for the parts of these numbers.
 * @param input.checksums of the parts, in their order, as `encodeCrc32` gives them; default: any bytes are taken
 * @throws SluiceError `upload_not_found`, `upload_closed`, `part_out_of_range`, `validation_failed`
 */
export const signUploadParts = async (
  context: UploadContext,
  input: {
    uploadId: string;
    ownerId: string;
    partNumbers: readonly number[];
    checksums?: readonly string[];
  },
): Promise<SignedPartRequest[]> => {
  const { partNumbers, checksums = [] } = input;
  if (checksums.length > 0 && checksums.length !== partNumbers.length) {
    const message = "must be as many as partNumbers";
    throw new SluiceError("validation_failed", {
      details: { problems: [{ field: "checksums", message }] },
    });
  }
  const upload = await ownUpload(context.database.queries, input);
  if (upload.status !== "open") {
    throw new SluiceError("upload_closed");
  }
  const parts = partNumbers.map((partNumber, index) => {
    const part = partAt(upload, partNumber);
    if (!part) {
      throw new SluiceError("part_out_of_range", { details: { partNumber } });
    }
    return { ...part, crc32: checksums[index] ?? null };
  });
  return await signParts(context, upload, parts);
};

/** What has arrived, by part number; everything once the upload is completed. */
export const receivedParts = async (
  storage: Storage,
  upload: Upload,
): Promise<{ partNumbers: number[]; bytes: number }> => {
  const parts = await partsInStorage(storage, upload);
  return {
    partNumbers: parts.map((part) => part.partNumber).sort((a, b) => a - b),
    bytes: parts.reduce((total, part) => total + part.sizeBytes, 0),
  };
};

const partsInStorage = async (
  storage: Storage,
  upload: Upload,
): Promise<readonly { partNumber: number; sizeBytes: number }[]> => {
  switch (upload.status) {
    case "open":
      return await storage.listParts(inStorage(upload));
    case "completed":
      return partsOf(upload);
    default:
      return [];
  }
};

/** The storage's handle of an upload. */
export const inStorage = (upload: Upload): MultipartUpload => ({
  key: upload.objectKey,
  uploadId: upload.storageUploadId,
});

const signParts = (
  { storage }: UploadContext,
  upload: Upload,
  parts: readonly (Part & { crc32: string | null })[],
): Promise<SignedPartRequest[]> =>
  Promise.all(
    parts.map(async ({ crc32, ...part }) => ({
      ...part,
      ...(await storage.signPart({
        upload: inStorage(upload),
        ...part,
        crc32,
        expiresInSeconds: PART_ADDRESS_SECONDS,
      })),
    })),
  );
