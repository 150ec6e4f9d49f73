import { HeadBucketCommand, type S3Client } from "@aws-sdk/client-s3";
import { SluiceError } from "../errors.ts";
import type { Bucket, OpenedStorage } from "./index.ts";
import { safeKey, safePrefix } from "./object-key.ts";
import { createS3Client, type S3Access } from "./s3-client.ts";
import { fromS3, isMissing } from "./s3-errors.ts";
import { s3Objects } from "./s3-objects.ts";
import { s3PartSigner } from "./s3-signer.ts";
import { s3Uploads } from "./s3-uploads.ts";

export type S3StorageOptions = S3Access & {
  /** The buckets' own names. */
  readonly buckets: Readonly<Record<Bucket, string>>;
  /** The store as browsers reach it; null for the same as `endpoint`. */
  readonly publicEndpoint: string | null;
};

/** Storage in two buckets of S3, or of a store that speaks its protocol. Makes no request by itself. */
export const openS3Storage = (options: S3StorageOptions): OpenedStorage => {
  const { buckets, region, endpoint, forcePathStyle } = options;
  const client = createS3Client(options);
  // Signing makes no requests. What it signs is sent as it stands, so it must not add checksums of its own.
  const signer = createS3Client({
    ...options,
    endpoint: options.publicEndpoint ?? endpoint,
    checksums: "where-required",
  });
  return {
    storage: {
      ...s3Objects(client, buckets),
      ...s3Uploads(client, buckets.uploads),
      signPart: s3PartSigner(signer, buckets.uploads),
      locate: (bucket, key) => ({
        adapter: "s3",
        bucket: buckets[bucket],
        key: key.endsWith("/") ? safePrefix(key) : safeKey(key),
        region,
        endpoint,
        forcePathStyle,
      }),
      freeBytes: async () => Number.POSITIVE_INFINITY,
      ping: async () => {
        await Promise.all(Object.values(buckets).map((bucket) => reach(client, bucket)));
      },
    },
    partReceiver: null,
    uploadOrigin: originOf(signer, { bucket: buckets.uploads, ...options }),
  };
};

/** Whoever asks whether the store can be reached wants to know soon; retries included, ms. */
const PING_MS = 3_000;

/** @throws SluiceError `storage_unavailable`, `storage_denied`, `storage_bucket_missing` */
const reach = async (client: S3Client, bucket: string): Promise<void> => {
  try {
    const abortSignal = AbortSignal.timeout(PING_MS);
    await client.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal });
  } catch (thrown) {
    throw isMissing(thrown)
      ? new SluiceError("storage_bucket_missing", { cause: thrown })
      : fromS3(thrown);
  }
};

/** Where the signed addresses lead, by the SDK's own rules for regions, endpoints and path style. */
const originOf = (
  client: S3Client,
  options: Pick<S3StorageOptions, "region" | "endpoint" | "publicEndpoint" | "forcePathStyle"> & {
    bucket: string;
  },
): string => {
  const endpoint = options.publicEndpoint ?? options.endpoint;
  const { url } = client.config.endpointProvider({
    Bucket: options.bucket,
    Region: options.region,
    ForcePathStyle: options.forcePathStyle,
    ...(endpoint !== null && { Endpoint: endpoint }),
  });
  return url.origin;
};
