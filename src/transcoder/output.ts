import type { ObjectLocation } from "../storage/object-location.ts";
import { openFolder } from "./disk-output.ts";
import { openS3Output } from "./s3-output.ts";
import type { Stores } from "./stores.ts";

/** Where a presentation is written. Every object appears whole or not at all. */
export type Output = {
  /** Writes one object; `name` is relative to the presentation. */
  readonly put: (name: string, bytes: Uint8Array) => Promise<void>;
  /** Writes an object that was read from another presentation; a store may copy it by itself. */
  readonly copy: (object: CopiedObject) => Promise<void>;
  /** Takes one object away; a missing one is fine. */
  readonly remove: (name: string) => Promise<void>;
  /** Takes away everything that was put, so that something else can be put there. */
  readonly clear: () => Promise<void>;
  /** Takes away everything that was put, and the place itself if it was made for it; what else lies there stays. */
  readonly discard: () => Promise<void>;
};

export type CopiedObject = {
  /** The presentation that it was read from. */
  readonly from: ObjectLocation;
  /** In both presentations. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Of what was read, where its place has such a thing. */
  readonly etag: string | null;
};

export type OutputOptions = {
  /** Default false: a place that holds anything is refused with `output_not_writable`. */
  readonly overwrite?: boolean;
};

/** Opens a folder or an object prefix; throws `output_not_writable` or `storage_*`. */
export const openOutput = (
  location: string | ObjectLocation,
  options: OutputOptions & { readonly stores: Stores },
): Promise<Output> => {
  if (typeof location === "string") return openFolder(location, options);
  return location.adapter === "disk"
    ? openFolder(location.path, options)
    : openS3Output(location, options);
};
