import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { diskPathOf, type ObjectLocation } from "../storage/object-location.ts";
import type { Output } from "./output.ts";

/** What an earlier attempt left in its own presentation. */
export type EarlierAttempt = {
  /** An object's bytes; null when there is none. */
  readonly get: (name: string) => Promise<Uint8Array | null>;
  /** Takes an object into an output under the same name; `bytes` are those that were read. */
  readonly copy: (name: string, bytes: Uint8Array, to: Output) => Promise<void>;
};

/** Opens a prefix that another attempt wrote to; nothing there is ever changed. */
export const openEarlierAttempt = (location: ObjectLocation): EarlierAttempt =>
  earlierFolder(diskPathOf(location));

/** Copied and not linked: a confined process may not link into its output what it may only read. */
const earlierFolder = (root: string): EarlierAttempt => ({
  get: async (name) => {
    try {
      return await readFile(join(root, name));
    } catch (thrown) {
      if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return null;
      throw thrown;
    }
  },
  copy: (name, bytes, to) => to.put(name, bytes),
});
