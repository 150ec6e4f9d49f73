import { type Static, Type } from "@sinclair/typebox";

/** A file or a folder of the machine that everything runs on. */
export const DiskLocation = Type.Object({
  adapter: Type.Literal("disk"),
  /** Absolute path of the file, or of the folder when the location is a prefix. */
  path: Type.String({ minLength: 1 }),
});
export type DiskLocation = Static<typeof DiskLocation>;

/** An object of S3 or of a store that speaks its protocol. */
export const S3Location = Type.Object({
  adapter: Type.Literal("s3"),
  bucket: Type.String({ minLength: 1 }),
  /** Key of the object; ends in `/` when the location is a prefix. */
  key: Type.String({ minLength: 1 }),
  region: Type.String({ minLength: 1 }),
  /** Base URL of the store; null for AWS's own in that region. */
  endpoint: Type.Union([Type.String({ minLength: 1 }), Type.Null()]),
  /** Whether the bucket stands in the path of addresses instead of the host name. */
  forcePathStyle: Type.Boolean(),
});
export type S3Location = Static<typeof S3Location>;

/**
 * Where an object or a prefix lies, in a form that fits into a job document: whoever holds it can
 * open it with `openSource` or `openOutput` and needs no other setting (but, for S3, credentials).
 */
export const ObjectLocation = Type.Union([DiskLocation, S3Location]);
export type ObjectLocation = Static<typeof ObjectLocation>;
