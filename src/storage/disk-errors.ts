import { SluiceError } from "../errors.ts";

/** No space, over the disk quota, or larger than the file system takes in one file. */
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

const codeOf = (thrown: unknown): string | undefined =>
  (thrown as NodeJS.ErrnoException | null)?.code;

/** A part of the path does not exist (any more). */
export const isMissing = (thrown: unknown): boolean => {
  const code = codeOf(thrown);
  return code === "ENOENT" || code === "ENOTDIR";
};

/** What the file system says, in our words: a full disk becomes `storage_full`, the rest stays. */
export const fromFileSystem = (thrown: unknown): unknown =>
  FULL.has(codeOf(thrown) ?? "") ? new SluiceError("storage_full", { cause: thrown }) : thrown;

/** Runs `work`; a full disk becomes `storage_full`. */
export const onDisk = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (thrown) {
    throw fromFileSystem(thrown);
  }
};

/** Runs `work`; null when what it needs does not exist. */
export const unlessMissing = async <T>(work: () => Promise<T>): Promise<T | null> => {
  try {
    return await work();
  } catch (thrown) {
    if (isMissing(thrown)) {
      return null;
    }
    throw thrown;
  }
};
