import { SluiceError } from "../errors.ts";

/** S3's limit for a key, in bytes; ours are ASCII. */
const MAX_KEY_LENGTH = 1024;

/**
 * One part of a key. It begins with a letter, a digit, `_` or `-`: so neither `.` nor `..` nor a
 * hidden name (where the disk adapter keeps its own things) is one, on any file system.
 */
const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;

/** Whether a key consists of plain names only, and so stays in its bucket. */
export const isSafeKey = (key: string): boolean =>
  key.length <= MAX_KEY_LENGTH && key.split("/").every((segment) => SEGMENT.test(segment));

/** @throws SluiceError `media_not_found` when the key is not made of plain names */
export const safeKey = (key: string): string => {
  if (!isSafeKey(key)) {
    throw new SluiceError("media_not_found", { details: { reason: "unsafe key" } });
  }
  return key;
};

/** @throws SluiceError `media_not_found` when a prefix, which ends in `/`, is not made of plain names */
export const safePrefix = (prefix: string): string => {
  if (!prefix.endsWith("/")) {
    throw new SluiceError("media_not_found", { details: { reason: "a prefix ends in /" } });
  }
  return `${safeKey(prefix.slice(0, -1))}/`;
};
