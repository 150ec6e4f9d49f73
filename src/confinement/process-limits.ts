import { ptr } from "bun:ffi";
import { libc } from "./libc.ts";

/** Numbers of asm-generic/resource.h and linux/prctl.h. */
const RESOURCES = { fileBytes: 1, coreBytes: 4, lockedBytes: 8, openFiles: 7 } as const;
const PR_SET_NO_NEW_PRIVS = 38;

/** Limits that this process and all it starts can never raise again. */
export type ProcessLimits = {
  /** Largest file it may write. */
  readonly fileBytes: number;
  readonly openFiles: number;
};

/**
 * Takes away what no decoder needs: set-uid programs give no rights any more, a crash writes no
 * memory to the disk, no memory can be locked, and files are bounded in number and size. The address
 * space has no limit, because the JavaScript engine reserves far more than it uses, and neither has
 * the number of processes, which the kernel counts per user and not per job.
 * @throws Error when the kernel refuses
 */
export const limitProcess = (limits: ProcessLimits): void => {
  if (libc().prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n) !== 0) {
    throw new Error("no_new_privs was refused");
  }
  lower(RESOURCES.fileBytes, limits.fileBytes);
  lower(RESOURCES.openFiles, limits.openFiles);
  lower(RESOURCES.coreBytes, 0);
  lower(RESOURCES.lockedBytes, 0);
};

/** Never above what holds already, which only a privileged process could raise. */
const lower = (resource: number, most: number): void => {
  const { getrlimit, setrlimit } = libc();
  const limit = new BigUint64Array(2);
  if (getrlimit(resource, ptr(limit)) !== 0) throw new Error(`limit ${resource} cannot be read`);
  limit.forEach((value, index) => {
    if (value > BigInt(most)) limit[index] = BigInt(most);
  });
  if (setrlimit(resource, ptr(limit)) !== 0) throw new Error(`limit ${resource} was refused`);
};
