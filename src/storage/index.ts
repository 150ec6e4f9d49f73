import { join } from "node:path";
import type { ConsumerConfig } from "../config.ts";
import type { Keys } from "../keys.ts";
import { openDiskStorage } from "./disk.ts";
import type { ObjectLocation } from "./object-location.ts";
import { openS3Storage } from "./s3.ts";

/** `uploads` holds what people send, `media` what the transcoder makes of it. */
export type Bucket = "uploads" | "media";

export type ObjectInfo = {
  readonly key: string;
  readonly sizeBytes: number;
  /** Strong validator, with its quotes, as HTTP has it. */
  readonly etag: string;
};

/** An object that an upload became. */
export type UploadedObject = ObjectInfo & {
  /** See `objectVersion`: the same as in the store's own event about this object. */
  readonly version: string;
};

/** A multipart upload that was begun. */
export type MultipartUpload = {
  readonly key: string;
  /** The adapter's own handle. */
  readonly uploadId: string;
};

export type UploadPart = {
  readonly partNumber: number;
  readonly sizeBytes: number;
  readonly etag: string;
};

/** A request that the browser may make as it stands; nothing else than `headers` needs to be sent. */
export type SignedRequest = {
  readonly method: "PUT";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: Date;
};

/** Inclusive byte range, as HTTP counts. */
export type ByteRange = { readonly start: number; readonly end: number };

/**
 * The storage port. Keys use `/` and are made in `src/storage/keys.ts` alone; adapters refuse any
 * that would leave their bucket.
 *
 * Every method that touches bytes may throw SluiceError `storage_full`, and one of a store that is
 * reached over a network `storage_unavailable` (all retries are used up then), `storage_denied` or
 * `storage_bucket_missing`.
 */
export type Storage = {
  /** Begins an upload of exactly `sizeBytes`. */
  createMultipartUpload(input: {
    key: string;
    sizeBytes: number;
    contentType: string;
  }): Promise<MultipartUpload>;
  /**
   * Signs a PUT of one part; the length is part of the signature, so nothing longer is taken.
   * @param input.offset place of its first byte in the object, for stores that write in place
   * @param input.crc32 checksum as `encodeCrc32` gives it: only these bytes are taken then; null for any
   */
  signPart(input: {
    upload: MultipartUpload;
    partNumber: number;
    offset: number;
    sizeBytes: number;
    crc32: string | null;
    expiresInSeconds: number;
  }): Promise<SignedRequest>;
  /** Parts received whole so far, by number. */
  listParts(upload: MultipartUpload): Promise<UploadPart[]>;
  /**
   * Joins the parts into the object. Idempotent: completing a completed upload gives the same answer.
   * @throws SluiceError `upload_incomplete` (details.missingParts), `upload_size_mismatch`, or
   *   `upload_closed` when it was aborted
   */
  completeMultipartUpload(input: {
    upload: MultipartUpload;
    parts: readonly { partNumber: number; sizeBytes: number }[];
  }): Promise<UploadedObject>;
  /** Removes what was received; unknown uploads are fine. */
  abortMultipartUpload(upload: MultipartUpload): Promise<void>;
  /**
   * Writes an object whole, in place of the one that may be there: whoever reads sees the old one or
   * the new one, and after it was acknowledged a loss of power takes nothing back.
   */
  put(bucket: Bucket, key: string, bytes: Uint8Array): Promise<ObjectInfo>;
  /** null when there is none. */
  head(bucket: Bucket, key: string): Promise<ObjectInfo | null>;
  /** Streams an object or one range of it; null when there is none. Backpressure reaches the disk. */
  get(bucket: Bucket, key: string, range?: ByteRange): Promise<ReadableStream<Uint8Array> | null>;
  /** Removes one object; a missing one is fine. */
  delete(bucket: Bucket, key: string): Promise<void>;
  /** Removes everything below the prefix, which ends in `/`; a missing one is fine. */
  deletePrefix(bucket: Bucket, prefix: string): Promise<void>;
  /** Keys below the prefix, in no order. */
  list(bucket: Bucket, prefix: string): AsyncIterable<ObjectInfo>;
  /** Where an object (or a prefix that ends in `/`) lies, for the transcoder's job document. */
  locate(bucket: Bucket, key: string): ObjectLocation;
  /** Bytes that can still be stored; Infinity where there is no such limit. */
  freeBytes(): Promise<number>;
  /**
   * Whether the store can be worked with now.
   * @throws SluiceError `storage_unavailable`, `storage_denied`, `storage_bucket_missing`
   */
  ping(): Promise<void>;
};

/**
 * Takes the bytes of signed part addresses for stores that have no HTTP server of their own.
 * Everything that can be refused is refused before the body is read.
 */
export type PartReceiver = {
  /**
   * @param input.contentLength as declared by the request; null when it is not
   * @throws SluiceError `url_signature_invalid`, `url_expired`, `part_size_mismatch`,
   *   `part_corrupted`, `part_changed`, `upload_closed`, `storage_full`
   */
  receive(input: {
    token: string;
    contentLength: number | null;
    body: ReadableStream<Uint8Array> | null;
  }): Promise<UploadPart>;
};

export type OpenedStorage = {
  readonly storage: Storage;
  /** null where the store takes the parts itself. */
  readonly partReceiver: PartReceiver | null;
  /** Origin that browsers send parts to; null where it is the api's own. */
  readonly uploadOrigin: string | null;
};

type StorageConfig = Pick<ConsumerConfig, "STORAGE" | "dataDir"> &
  Partial<
    Pick<
      ConsumerConfig,
      | "UPLOADS_BUCKET"
      | "MEDIA_BUCKET"
      | "AWS_REGION"
      | "S3_ENDPOINT"
      | "S3_PUBLIC_ENDPOINT"
      | "S3_FORCE_PATH_STYLE"
    >
  > & { readonly publicUrl?: string };

/**
 * Opens the storage that the settings name.
 * @param config.publicUrl base of the addresses that disk storage signs; only the api signs
 */
export const openStorage = async (config: StorageConfig, keys: Keys): Promise<OpenedStorage> => {
  switch (config.STORAGE) {
    case "disk":
      return await openDiskStorage({
        folder: join(config.dataDir, "storage"),
        signingKey: keys("upload-url"),
        publicUrl: config.publicUrl ?? "",
      });
    case "s3":
      // What is missing was refused when the settings were read (`settings/needs.ts`).
      return openS3Storage({
        buckets: { uploads: config.UPLOADS_BUCKET ?? "", media: config.MEDIA_BUCKET ?? "" },
        region: config.AWS_REGION ?? "",
        endpoint: config.S3_ENDPOINT ?? null,
        publicEndpoint: config.S3_PUBLIC_ENDPOINT ?? null,
        forcePathStyle: config.S3_FORCE_PATH_STYLE ?? false,
      });
  }
};
