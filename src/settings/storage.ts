import { Type } from "@sinclair/typebox";
import { oneOf } from "./one-of.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** Where uploads and media lie. */
export const storageSettings = {
  DATA_DIR: Type.String({
    default: "./data",
    minLength: 1,
    description: "Folder for the embedded database, keys, uploads and media (made with mode 0700).",
  }),
  STORAGE: oneOf(["disk"], {
    default: "disk",
    description: "Where uploads and media lie: disk (in DATA_DIR).",
  }),
};

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
