import { Database as Sqlite } from "bun:sqlite";
import { access, chmod, constants, mkdir } from "node:fs/promises";
import { join } from "node:path";

/** A person's mistake about the data folder; `message` says what to do. */
export class DataFolderError extends Error {
  override readonly name = "DataFolderError";
}

/**
 * Makes the data folder (mode 0700) if need be and takes its lock, so that no two processes write
 * into one embedded database. The lock is the file lock of an SQLite database held in exclusive
 * mode: the kernel releases it when the process ends, however it ends.
 * @returns releases the lock
 * @throws DataFolderError when it cannot be written or another process holds it
 */
export const openDataFolder = async (folder: string): Promise<() => void> => {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new DataFolderError(
      `The data folder ${folder} cannot be written (${(cause as Error).message}). Give this user write access, or set DATA_DIR to another folder.`,
      { cause },
    );
  }
  await chmod(folder, 0o700).catch(() => {
    // Not ours to change (a mounted volume): its owner decides who may look in.
  });
  return takeLock(folder);
};

const takeLock = (folder: string): (() => void) => {
  let lock: Sqlite | undefined;
  try {
    lock = new Sqlite(join(folder, "lock"), { create: true });
    lock.run("PRAGMA locking_mode = EXCLUSIVE");
    lock.run("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock?.close();
    const busy = (cause as { code?: string }).code === "SQLITE_BUSY";
    throw new DataFolderError(
      busy
        ? `Another Sluice process is using the data folder ${folder}. Stop it first, or set DATA_DIR to another folder.`
        : `The data folder ${folder} cannot be locked (${(cause as Error).message}). Check its permissions and free space, or set DATA_DIR to another folder.`,
      { cause },
    );
  }
  const held = lock;
  return () => held.close();
};
