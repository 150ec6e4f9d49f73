/**
 * What tells one object from another under the same key, as it stands in `ObjectCreated` and in the
 * jobs' unique index. The store's event and the api's own message about one upload must give the
 * same: the version id where the bucket has versions, else the ETag without its quotes (S3's events
 * have none). Buckets whose versioning was suspended name the version `null`, which says nothing.
 */
export const objectVersion = (object: {
  readonly versionId?: string | null | undefined;
  readonly etag: string;
}): string =>
  object.versionId && object.versionId !== "null"
    ? object.versionId
    : object.etag.replace(/^(W\/)?"(.*)"$/, "$2");
