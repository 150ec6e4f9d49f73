import type { ObjectLocation } from "../storage/object-location.ts";
import { diskPathOf } from "../storage/object-location.ts";
import { openFolder } from "./disk-output.ts";

/** Where a presentation is written. Every object appears whole or not at all. */
export type Output = {
  /** Writes one object; `name` is relative to the presentation. */
  readonly put: (name: string, bytes: Uint8Array) => Promise<void>;
  /** Takes one object away; a missing one is fine. */
  readonly remove: (name: string) => Promise<void>;
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
export const openOutput = (
  location: string | ObjectLocation,
  options: OutputOptions = {},
): Promise<Output> =>
  openFolder(typeof location === "string" ? location : diskPathOf(location), options);
