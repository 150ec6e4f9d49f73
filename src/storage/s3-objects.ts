import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { SluiceError } from "../errors.ts";
import { storedHeaders } from "../presentation/media-types.ts";
import type { Bucket, ObjectInfo, Storage } from "./index.ts";
import { mediaName } from "./keys.ts";
import { safeKey, safePrefix } from "./object-key.ts";
import { onS3, unlessMissing } from "./s3-errors.ts";
import { readObject } from "./s3-read.ts";

type S3Objects = Pick<Storage, "put" | "head" | "get" | "delete" | "deletePrefix" | "list">;

/**
 * Finished objects. None gets an ACL: who may read is the bucket's policy alone, which is private.
 * What is put carries a CRC-32 that the store checks (the SDK's default), and the type and cache
 * header that a CDN in front of the bucket passes on.
 * @param names the buckets' own names
 */
export const s3Objects = (client: S3Client, names: Readonly<Record<Bucket, string>>): S3Objects => {
  const place = (bucket: Bucket, key: string) => ({ Bucket: names[bucket], Key: safeKey(key) });
  return {
    put: (bucket, key, bytes) =>
      onS3(async () => {
        const { contentType, cacheControl } = storedHeaders(mediaName(key));
        const { ETag } = await client.send(
          new PutObjectCommand({
            ...place(bucket, key),
            Body: bytes,
            ContentLength: bytes.byteLength,
            ContentType: contentType,
            CacheControl: cacheControl,
          }),
        );
        return { key, sizeBytes: bytes.byteLength, etag: ETag ?? "" };
      }),
    head: async (bucket, key) => {
      const found = await headObject(client, place(bucket, key));
      return found && { key, sizeBytes: found.sizeBytes, etag: found.etag };
    },
    get: async (bucket, key, range) => readObject(client, place(bucket, key), range),
    delete: async (bucket, key) => {
      await unlessMissing(() => client.send(new DeleteObjectCommand(place(bucket, key))));
    },
    deletePrefix: (bucket, prefix) =>
      onS3(async () => {
        for await (const keys of pages(client, names[bucket], safePrefix(prefix))) {
          await deleteAll(
            client,
            names[bucket],
            keys.map(({ key }) => key),
          );
        }
      }),
    list: async function* (bucket, prefix) {
      for await (const page of pages(client, names[bucket], safePrefix(prefix))) {
        yield* page;
      }
    },
  };
};

/** @returns null when there is no such object; @throws SluiceError of the storage's codes */
export const headObject = (
  client: S3Client,
  place: { readonly Bucket: string; readonly Key: string },
): Promise<(ObjectInfo & { readonly versionId: string | null }) | null> =>
  unlessMissing(async () => {
    const { ContentLength, ETag, VersionId } = await client.send(new HeadObjectCommand(place));
    return {
      key: place.Key,
      sizeBytes: ContentLength ?? 0,
      etag: ETag ?? "",
      versionId: VersionId ?? null,
    };
  });

/** Up to 1000 objects at a time, as the store lists them; no more than a page is held. */
async function* pages(
  client: S3Client,
  bucket: string,
  prefix: string,
): AsyncGenerator<ObjectInfo[]> {
  for (let token: string | undefined, more = true; more; ) {
    const page = await onS3(() =>
      client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
      ),
    );
    yield (page.Contents ?? []).flatMap(({ Key, Size, ETag }) =>
      Key === undefined ? [] : [{ key: Key, sizeBytes: Size ?? 0, etag: ETag ?? "" }],
    );
    token = page.NextContinuationToken;
    more = page.IsTruncated === true && token !== undefined;
  }
}

/** A page of keys is at most as long as one such request may be (1000). */
const deleteAll = async (
  client: S3Client,
  bucket: string,
  keys: readonly string[],
): Promise<void> => {
  if (keys.length === 0) {
    return;
  }
  const { Errors = [] } = await client.send(
    new DeleteObjectsCommand({
      Bucket: bucket,
      Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
    }),
  );
  const [failed] = Errors;
  if (failed) {
    // The answer as a whole is a success; each key may have been refused for itself.
    throw new SluiceError(
      failed.Code === "AccessDenied" ? "storage_denied" : "storage_unavailable",
      {
        cause: new Error(`${failed.Code} at ${failed.Key}: ${failed.Message}`),
      },
    );
  }
};
