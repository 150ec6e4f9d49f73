import { mkdir, open, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { isMissing, onDisk, unlessMissing } from "./disk-errors.ts";
import type { Bucket, ByteRange, ObjectInfo, Storage } from "./index.ts";
import { objectPath, prefixPath } from "./object-path.ts";

type DiskObjects = Pick<Storage, "put" | "head" | "get" | "delete" | "deletePrefix" | "list">;

/** Finished objects: one file each, at `{root}/{bucket}/{key}`. */
export const diskObjects = (root: string): DiskObjects => ({
  put: (bucket, key, bytes) =>
    onDisk(async () => {
      const path = objectPath(root, bucket, key);
      await putWhole(path, bytes);
      const info = await readObjectInfo(path, key);
      if (info === null) {
        throw new Error(`${key} was removed while it was written`);
      }
      return info;
    }),
  head: async (bucket, key) => readObjectInfo(objectPath(root, bucket, key), key),
  get: async (bucket, key, range) => {
    const path = objectPath(root, bucket, key);
    return (await readObjectInfo(path, key)) ? streamFile(path, range) : null;
  },
  delete: async (bucket, key) => {
    const path = objectPath(root, bucket, key);
    await rm(path, { force: true });
    await removeEmptyFolders(dirname(path), root, bucket);
  },
  deletePrefix: async (bucket, prefix) => {
    const path = prefixPath(root, bucket, prefix);
    await rm(path, { recursive: true, force: true });
    await removeEmptyFolders(dirname(path), root, bucket);
  },
  list: async function* (bucket, prefix) {
    yield* walk(prefixPath(root, bucket, prefix), prefix);
  },
});

/** Attempts to put a file into a folder that a deletion next door may be removing as empty. */
const PUT_TRIES = 3;

/** Temporary name, flushed, then renamed; the hidden name is no object, whatever becomes of it. */
const putWhole = async (path: string, bytes: Uint8Array): Promise<void> => {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${Bun.randomUUIDv7()}`);
  for (let attempt = 1; ; attempt += 1) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      await using file = await open(temporary, "wx", 0o600);
      await file.writeFile(bytes);
      await file.sync();
      await rename(temporary, path);
      await syncFolder(folder);
      return;
    } catch (thrown) {
      await rm(temporary, { force: true });
      if (!isMissing(thrown) || attempt === PUT_TRIES) {
        throw thrown;
      }
    }
  }
};

/** Size and ETag of the file at `path`, null when there is none (or it is a folder). */
export const readObjectInfo = async (path: string, key: string): Promise<ObjectInfo | null> => {
  const facts = await unlessMissing(() => stat(path, { bigint: true }));
  if (!facts?.isFile()) {
    return null;
  }
  // Objects are written once and then only replaced: size and time of the last write identify the bytes.
  const etag = `"${facts.size.toString(36)}-${facts.mtimeNs.toString(36)}"`;
  return { key, sizeBytes: Number(facts.size), etag };
};

const streamFile = (path: string, range: ByteRange | undefined): ReadableStream<Uint8Array> => {
  const file = Bun.file(path);
  return (range ? file.slice(range.start, range.end + 1) : file).stream();
};

async function* walk(folder: string, prefix: string): AsyncGenerator<ObjectInfo> {
  const entries = await unlessMissing(() => readdir(folder, { withFileTypes: true }));
  for (const entry of entries ?? []) {
    if (entry.name.startsWith(".")) {
      continue;
    }
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      yield* walk(path, `${prefix}${entry.name}/`);
    } else {
      const info = await readObjectInfo(path, `${prefix}${entry.name}`);
      if (info) {
        yield info;
      }
    }
  }
}

/** Levels below the bucket that stay even when empty: others are about to make folders in them. */
const LASTING_LEVELS = 1;

const removeEmptyFolders = async (folder: string, root: string, bucket: Bucket): Promise<void> => {
  const levels = relative(join(root, bucket), folder).split(sep).length;
  if (levels <= LASTING_LEVELS) {
    return;
  }
  try {
    await rmdir(folder);
  } catch {
    return; // Not empty, or another deletion was faster.
  }
  await removeEmptyFolders(dirname(folder), root, bucket);
};

/** Makes names in a folder durable: fsync of a file alone does not (fsync(2), "Calling fsync() …"). */
export const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};
