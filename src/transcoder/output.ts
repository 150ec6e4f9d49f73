import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SluiceError } from "../errors.ts";
import { syncFolder } from "../storage/disk-objects.ts";
import { diskPathOf, type ObjectLocation } from "../storage/object-location.ts";

/** Where a presentation is written. Every object appears whole or not at all. */
export type Output = {
  /** Writes one object; `name` is relative to the presentation. */
  readonly put: (name: string, bytes: Uint8Array) => Promise<void>;
  /** Takes away everything that was put, so that something else can be put there. */
  readonly clear: () => Promise<void>;
  /** Takes away everything that was put, and the place itself if it was made for it; what else lies there stays. */
  readonly discard: () => Promise<void>;
};

export type OutputOptions = {
  /** Default false: a folder that holds anything is refused with `output_not_writable`. */
  readonly overwrite?: boolean;
};

/** Opens a folder or an object prefix; throws `output_not_writable`. */
export const openOutput = async (
  location: string | ObjectLocation,
  options: OutputOptions = {},
): Promise<Output> => {
  const root = typeof location === "string" ? location : diskPathOf(location);
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

/** What a presentation consists of, manifests first: whoever is interrupted leaves nothing playable that is broken. */
const PRESENTATION_ENTRIES = [
  "manifest.mpd",
  "master.m3u8",
  "result.json",
  "presentation.json",
  "poster.jpg",
  "v",
  "a",
  "s",
  "t",
];

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
