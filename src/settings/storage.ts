import { Type } from "@sinclair/typebox";
import { oneOf } from "./one-of.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** S3's rules for bucket names: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const bucket = (description: string) =>
  Type.Optional(Type.String({ pattern: "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", description }));

const address = (description: string) =>
  Type.Optional(Type.String({ format: "url", pattern: "^https?://", description }));

/** Where uploads and media lie. */
export const storageSettings = {
  DATA_DIR: Type.String({
    default: "./data",
    minLength: 1,
    description: "Folder for the embedded database, keys, uploads and media (made with mode 0700).",
  }),
  STORAGE: oneOf(["disk", "s3"], {
    default: "disk",
    description:
      "Where uploads and media lie: disk (in DATA_DIR) or s3 (in two buckets; browsers send uploads there directly).",
  }),
  UPLOADS_BUCKET: bucket(
    "Bucket of what people upload; needed with STORAGE=s3. Its CORS rules must let the page send parts.",
  ),
  MEDIA_BUCKET: bucket(
    "Bucket of what is made of it; needed with STORAGE=s3, and another than UPLOADS_BUCKET.",
  ),
  S3_ENDPOINT: address(
    "Base URL of an S3-compatible store, for example https://s3.example.org. Default: AWS in AWS_REGION.",
  ),
  S3_PUBLIC_ENDPOINT: address(
    "The same store as browsers reach it, where that differs. Default: S3_ENDPOINT.",
  ),
  S3_FORCE_PATH_STYLE: Type.Boolean({
    default: false,
    description:
      "Whether buckets stand in the path of addresses instead of the host name: true or false. Most stores other than AWS need true.",
  }),
};

/** What is wrong with the buckets taken together, a line each. */
export const storageProblems = (settings: {
  readonly STORAGE: string;
  readonly UPLOADS_BUCKET?: string;
  readonly MEDIA_BUCKET?: string;
}): string[] =>
  settings.STORAGE === "s3" &&
  settings.UPLOADS_BUCKET !== undefined &&
  settings.UPLOADS_BUCKET === settings.MEDIA_BUCKET
    ? [
        "MEDIA_BUCKET: must be another bucket than UPLOADS_BUCKET; what is delivered lies in it alone.",
      ]
    : [];

/** How uploads are taken; the api's alone. */
export const uploadSettings = {
  MAX_UPLOAD_BYTES: Type.Integer({
    default: 20 * GIB,
    minimum: 1,
    maximum: 5 * 1024 * GIB,
    description: "Largest file that is accepted.",
  }),
  USER_QUOTA_BYTES: Type.Integer({
    default: 0,
    minimum: 0,
    description: "Bytes of uploads one account may hold; 0 means no limit.",
  }),
  MIN_FREE_DISK_BYTES: Type.Integer({
    default: GIB,
    minimum: 0,
    description:
      "An upload that would leave less free space than this is refused; disk storage only.",
  }),
  UPLOAD_PART_BYTES: Type.Integer({
    default: 16 * MIB,
    minimum: 5 * MIB,
    maximum: 512 * MIB,
    description: "Size of one part of an upload.",
  }),
  UPLOAD_EXPIRY_HOURS: Type.Integer({
    default: 48,
    minimum: 1,
    maximum: 720,
    description: "An upload that is not completed by then is removed.",
  }),
};
