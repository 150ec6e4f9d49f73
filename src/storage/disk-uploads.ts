import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SluiceError } from "../errors.ts";
import { isMissing, onDisk, unlessMissing } from "./disk-errors.ts";
import { readObjectInfo, syncFolder } from "./disk-objects.ts";
import { appendPartRecord, type PartRecord, readPartLog } from "./disk-part-log.ts";
import { checksumPart, writePart } from "./disk-part-writer.ts";
import type { PartGrant } from "./disk-upload-token.ts";
import type { MultipartUpload, ObjectInfo, UploadPart } from "./index.ts";
import { createKeyedLock } from "./keyed-lock.ts";
import { objectPath } from "./object-path.ts";
import { encodeCrc32 } from "./part-checksum.ts";

/**
 * Uploads in progress. Each has a folder `uploads/.incoming/{uploadId}/` with two files:
 *
 * - `data`, as long as the whole file from the start (sparse), into which every part is written at
 *   its own offset. Nothing is copied at the end: completing is one rename, and needs no second
 *   helping of disk space.
 * - `parts`, a log with a line for each part that lies in `data` whole and was fsynced. A part
 *   counts when it stands there, and is never written to again.
 *
 * Parts may come in any order and side by side. One part that comes twice at once is taken one
 * after the other; what comes again is compared and not written, so a repetition can neither tear
 * nor change what was acknowledged. One process writes to a storage folder.
 */
export type DiskUploads = {
  create(sizeBytes: number): Promise<string>;
  /** @throws SluiceError `upload_closed`, `part_size_mismatch`, `part_corrupted`, `part_changed`, `storage_full` */
  receive(grant: PartGrant, body: ReadableStream<Uint8Array>): Promise<UploadPart>;
  list(uploadId: string): Promise<UploadPart[]>;
  /** @throws SluiceError `upload_closed`, `upload_incomplete`, `upload_size_mismatch` */
  complete(
    upload: MultipartUpload,
    parts: readonly { partNumber: number; sizeBytes: number }[],
  ): Promise<ObjectInfo>;
  abort(uploadId: string): Promise<void>;
};

/** Attempts to put a file into a folder that a deletion next door may be removing as empty. */
const RENAME_TRIES = 3;

export const diskUploads = (root: string): DiskUploads => {
  const lock = createKeyedLock();
  const folder = (uploadId: string) => join(root, "uploads", ".incoming", safeId(uploadId));
  const dataPath = (uploadId: string) => join(folder(uploadId), "data");
  const logPath = (uploadId: string) => join(folder(uploadId), "parts");

  const create = async (sizeBytes: number): Promise<string> => {
    const uploadId = Bun.randomUUIDv7();
    await mkdir(folder(uploadId), { recursive: true, mode: 0o700 });
    const data = await open(dataPath(uploadId), "wx", 0o600);
    try {
      await data.truncate(sizeBytes);
      await data.sync();
    } finally {
      await data.close();
    }
    await (await open(logPath(uploadId), "wx", 0o600)).close();
    await syncFolder(folder(uploadId));
    await syncFolder(dirname(folder(uploadId)));
    return uploadId;
  };

  const receive = async (
    grant: PartGrant,
    body: ReadableStream<Uint8Array>,
  ): Promise<UploadPart> => {
    const { uploadId, partNumber, offset, sizeBytes } = grant;
    const known = (await readPartLog(logPath(uploadId)))?.get(partNumber);
    const refuseCorrupted = (crc32: number) => {
      if (grant.crc32 !== null && encodeCrc32(crc32) !== grant.crc32) {
        throw new SluiceError("part_corrupted", { details: { partNumber } });
      }
    };
    if (known) {
      const crc32 = await checksumPart(body, sizeBytes);
      refuseCorrupted(crc32);
      if (crc32 !== known.crc32) {
        throw new SluiceError("part_changed", { details: { partNumber } });
      }
      return toUploadPart(known);
    }
    const data = await open(dataPath(uploadId), "r+");
    let crc32: number;
    try {
      crc32 = await writePart(data, body, { offset, sizeBytes });
    } finally {
      await data.close();
    }
    refuseCorrupted(crc32);
    const record = { partNumber, offset, sizeBytes, crc32 };
    await appendPartRecord(logPath(uploadId), record);
    return toUploadPart(record);
  };

  const complete = async (
    { key, uploadId }: MultipartUpload,
    parts: readonly { partNumber: number; sizeBytes: number }[],
  ): Promise<ObjectInfo> => {
    const target = objectPath(root, "uploads", key);
    const totalBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    const data = await unlessMissing(() => open(dataPath(uploadId), "r+"));
    if (data) {
      try {
        refuseUnlessWhole(parts, (await readPartLog(logPath(uploadId))) ?? new Map());
        if ((await data.stat()).size !== totalBytes) {
          throw new SluiceError("upload_size_mismatch");
        }
        await data.sync();
      } finally {
        await data.close();
      }
      await moveInto(dataPath(uploadId), target);
    }
    // Also after a crash between the two: the object is there, and what is left of the upload goes.
    await rm(folder(uploadId), { recursive: true, force: true });
    const object = await readObjectInfo(target, key);
    if (object?.sizeBytes !== totalBytes) {
      throw new SluiceError("upload_closed");
    }
    return object;
  };

  return {
    create: (sizeBytes) => onDisk(() => create(sizeBytes)),
    receive: (grant, body) =>
      lock(`${grant.uploadId}/${grant.partNumber}`, () =>
        onDisk(() => closedIfMissing(() => receive(grant, body))),
      ),
    list: async (uploadId) =>
      [...((await readPartLog(logPath(uploadId)))?.values() ?? [])].map(toUploadPart),
    complete: (upload, parts) => lock(upload.uploadId, () => onDisk(() => complete(upload, parts))),
    abort: (uploadId) =>
      lock(uploadId, () => rm(folder(uploadId), { recursive: true, force: true })),
  };
};

const toUploadPart = ({ partNumber, sizeBytes, crc32 }: PartRecord): UploadPart => ({
  partNumber,
  sizeBytes,
  etag: `"${crc32.toString(16).padStart(8, "0")}"`,
});

/** The parts must lie end to end, as they were declared. */
const refuseUnlessWhole = (
  parts: readonly { partNumber: number; sizeBytes: number }[],
  records: ReadonlyMap<number, PartRecord>,
): void => {
  const missingParts = parts.map((part) => part.partNumber).filter((part) => !records.has(part));
  if (missingParts.length > 0) {
    throw new SluiceError("upload_incomplete", { details: { missingParts } });
  }
  let offset = 0;
  for (const { partNumber, sizeBytes } of parts) {
    const record = records.get(partNumber);
    if (record?.offset !== offset || record.sizeBytes !== sizeBytes) {
      throw new SluiceError("upload_size_mismatch", { details: { partNumber } });
    }
    offset += sizeBytes;
  }
};

/** Renames durably: folders that are new on the way are synced as well. */
const moveInto = async (from: string, to: string): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    const firstMade = await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    try {
      await rename(from, to);
      await syncUpwards(dirname(to), firstMade);
      return;
    } catch (thrown) {
      if (!isMissing(thrown) || tries === RENAME_TRIES) {
        throw thrown;
      }
    }
  }
};

const syncUpwards = async (folder: string, firstMade: string | undefined): Promise<void> => {
  await syncFolder(folder);
  if (firstMade !== undefined && folder.startsWith(firstMade)) {
    await syncUpwards(dirname(folder), firstMade);
  }
};

const closedIfMissing = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (thrown) {
    throw isMissing(thrown) ? new SluiceError("upload_closed", { cause: thrown }) : thrown;
  }
};

/** Upload ids are ours and come back signed or from the database; this is the second lock on the door. */
const safeId = (uploadId: string): string => {
  if (!/^[0-9a-f-]{36}$/.test(uploadId)) {
    throw new SluiceError("upload_not_found");
  }
  return uploadId;
};
