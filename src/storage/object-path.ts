import { join } from "node:path";
import type { Bucket } from "./index.ts";
import { safeKey, safePrefix } from "./object-key.ts";

/**
 * Path of an object below `root`.
 * @throws SluiceError `media_not_found` when the key is not made of plain names
 */
export const objectPath = (root: string, bucket: Bucket, key: string): string =>
  join(root, bucket, ...safeKey(key).split("/"));

/**
 * Path of the folder that a prefix (which ends in `/`) stands for.
 * @throws SluiceError `media_not_found` when it is not made of plain names
 */
export const prefixPath = (root: string, bucket: Bucket, prefix: string): string =>
  objectPath(root, bucket, safePrefix(prefix).slice(0, -1));
