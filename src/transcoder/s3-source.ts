import { GetObjectCommand, S3ServiceException } from "@aws-sdk/client-s3";
import { SluiceError } from "../errors.ts";
import type { S3Location } from "../storage/object-location.ts";
import { fromS3, isMissing } from "../storage/s3-errors.ts";
import { BLOCK_BYTES, cachedBlocks } from "./block-cache.ts";
import type { Source } from "./source.ts";
import type { Stores } from "./stores.ts";

/** Tries of one range whose bytes stop coming; the SDK repeats what fails before the first of them. */
const ATTEMPTS = 4;
const FIRST_WAIT_MS = 200;
/** A range that takes longer is asked for again: 1 MiB comes in a hundredth of it. */
const RANGE_TIMEOUT_MS = 60_000;

/**
 * A source in S3, read by ranges, never as a whole, and always the version that was there at first.
 * Throws `source_not_found`, `source_empty`, `storage_denied` or `storage_unavailable`.
 */
export const openS3Source = async (
  location: S3Location,
  { stores, signal }: { readonly stores: Stores; readonly signal: AbortSignal },
): Promise<Source> => {
  const { bucket, key } = location;
  const client = stores.client(location);
  const get = async (offset: number, length: number, etag?: string) => {
    const answer = await client.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        Range: `bytes=${offset}-${offset + length - 1}`,
        ...(etag !== undefined && { IfMatch: etag }),
      }),
      { abortSignal: AbortSignal.any([signal, AbortSignal.timeout(RANGE_TIMEOUT_MS)]) },
    );
    const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    return { bytes, etag: answer.ETag, range: answer.ContentRange };
  };
  const retrying = <T>(work: () => Promise<T>): Promise<T> => untilItComes(work, location, signal);
  // The first block says how long the object is and which version it has, and is needed anyway.
  const first = await retrying(() => get(0, BLOCK_BYTES));
  const sizeBytes = Number(/\/(\d+)$/.exec(first.range ?? "")?.[1] ?? first.bytes.length);
  if (sizeBytes === 0) throw new SluiceError("source_empty");
  const { etag } = first;
  const fetchRange = (offset: number, length: number): Promise<Uint8Array> =>
    retrying(async () => {
      const { bytes } = await get(offset, length, etag);
      if (bytes.length !== length) throw new Error(`${bytes.length} bytes instead of ${length}`);
      return bytes;
    });
  return {
    kind: "remote",
    name: `s3://${bucket}/${key}`,
    sizeBytes,
    version: etag ?? "",
    read: cachedBlocks(sizeBytes, fetchRange, first.bytes),
  };
};

/** Repeats what may pass, with growing, jittered waits. */
const untilItComes = async <T>(
  work: () => Promise<T>,
  location: S3Location,
  signal: AbortSignal,
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asSourceError(thrown, location);
      if (error.code !== "storage_unavailable" || attempt === ATTEMPTS) throw error;
      await Bun.sleep(FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
};

const asSourceError = (thrown: unknown, { bucket, key }: S3Location): SluiceError => {
  if (isMissing(thrown)) return new SluiceError("source_not_found", { cause: thrown });
  if (thrown instanceof S3ServiceException) {
    if (thrown.$metadata.httpStatusCode === 412) {
      return new SluiceError("source_not_found", {
        message: "The source changed while it was being read.",
        cause: thrown,
      });
    }
    // A range of an object without bytes.
    if (thrown.$metadata.httpStatusCode === 416) {
      return new SluiceError("source_empty", { cause: thrown });
    }
  }
  const known = fromS3(thrown);
  if (!(known instanceof SluiceError)) {
    return new SluiceError("storage_unavailable", { cause: thrown });
  }
  if (known.code !== "storage_denied") return known;
  return new SluiceError("storage_denied", {
    message: `The transcoder may not read its source: it needs s3:GetObject on ${bucket}/${key} (a missing object is refused in the same way to whoever may not list the bucket).`,
    cause: thrown,
  });
};
