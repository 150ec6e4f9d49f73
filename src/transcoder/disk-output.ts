import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SluiceError } from "../errors.ts";
import { syncFolder } from "../storage/disk-objects.ts";
import type { Output, OutputOptions } from "./output.ts";
import { PRESENTATION_ENTRIES } from "./presentation-entries.ts";

/** Opens a folder for a presentation; throws `output_not_writable`. */
export const openFolder = async (root: string, options: OutputOptions): Promise<Output> => {
  try {
    const existed = await stat(root).then(
      () => true,
      () => false,
    );
    await mkdir(root, { recursive: true });
    const present = await readdir(root);
    if (present.length > 0) {
      if (options.overwrite !== true) {
        throw new SluiceError("output_not_writable", {
          message: `${root} is not empty; choose another folder or pass --overwrite.`,
        });
      }
      await removePresentation(root);
    }
    return folderOutput(root, existed);
  } catch (thrown) {
    throw asOutputError(thrown);
  }
};

const removePresentation = async (root: string): Promise<void> => {
  for (const entry of PRESENTATION_ENTRIES) {
    await rm(join(root, entry), { recursive: true, force: true });
  }
};

const folderOutput = (root: string, existed: boolean): Output => ({
  put: async (name, bytes) => {
    const path = join(root, name);
    try {
      await writeWhole(path, bytes);
    } catch (thrown) {
      throw asOutputError(thrown);
    }
  },
  // Copied and not linked: a confined process may not link into its output what it may only read.
  copy: async ({ name, bytes }) => {
    try {
      await writeWhole(join(root, name), bytes);
    } catch (thrown) {
      throw asOutputError(thrown);
    }
  },
  remove: (name) => rm(join(root, name), { force: true }),
  clear: () => removePresentation(root),
  discard: async () => {
    await removePresentation(root);
    if (!existed) await rm(root, { recursive: true, force: true });
  },
});

/** Temporary name, flushed to the disk, then renamed: no reader ever sees half an object, and a power loss takes none that was acknowledged. */
const writeWhole = async (path: string, bytes: Uint8Array): Promise<void> => {
  const partial = `${path}.partial`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await using file = await open(partial, "w");
    await file.writeFile(bytes);
    await file.sync();
  } catch (thrown) {
    await rm(partial, { force: true });
    throw thrown;
  }
  await rename(partial, path);
  await syncFolder(dirname(path));
};

const NO_SPACE = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

const asOutputError = (thrown: unknown): SluiceError => {
  if (thrown instanceof SluiceError) return thrown;
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  return new SluiceError(NO_SPACE.has(code) ? "output_full" : "output_not_writable", {
    cause: thrown,
  });
};
