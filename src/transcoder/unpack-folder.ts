import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** Read and write for others; a folder with either could be given files that we would run. */
const OTHERS_MAY_WRITE = 0o022;

/**
 * A folder of this user's own, into which the executable unpacks its native part. Not the temporary
 * folder itself: the system's loader looks for libraries beside the file it loads, and there anybody
 * could put one.
 * @throws Error when the name is taken by somebody else
 */
export const unpackFolder = (base: string = tmpdir()): string => {
  const { uid } = userInfo();
  const path = join(base, `sluice-${uid}`);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST")) throw thrown;
  }
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & OTHERS_MAY_WRITE) !== 0) {
    throw new Error(`${path} is not a folder of this user alone; set BUN_TMPDIR to one.`);
  }
  return path;
};
