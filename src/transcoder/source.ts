import { open } from "node:fs/promises";
import { SluiceError } from "../errors.ts";
import type { ObjectLocation } from "../storage/object-location.ts";
import { openHttpSource } from "./http-source.ts";
import { openS3Source } from "./s3-source.ts";
import { Stores } from "./stores.ts";

/**
 * Where a source's bytes come from. Random access without a copy of the whole: a local file is read
 * by libavformat itself, anything else through `read`.
 */
export type Source =
  | {
      readonly kind: "file";
      readonly path: string;
      readonly sizeBytes: number;
      /** Tells these bytes from others at the same place, as far as the place knows. */
      readonly version: string;
    }
  | {
      readonly kind: "remote";
      readonly name: string;
      readonly sizeBytes: number;
      readonly version: string;
      /** Up to `length` bytes from `offset`; fewer only at the end. */
      readonly read: (offset: number, length: number) => Promise<Uint8Array>;
    };

/** Opens a path, an http(s) address or an object; throws `source_not_found` or `source_empty`. */
export const openSource = async (
  location: string | ObjectLocation,
  { signal, stores = new Stores() }: { readonly signal: AbortSignal; readonly stores?: Stores },
): Promise<Source> => {
  if (typeof location === "object" && location.adapter === "s3") {
    return openS3Source(location, { stores, signal });
  }
  const isAddress = typeof location === "string" && /^https?:\/\//i.test(location);
  const name = typeof location === "string" ? location : location.path;
  const source = isAddress ? await openHttpSource(name, signal) : await openFile(name);
  if (source.sizeBytes === 0) throw new SluiceError("source_empty");
  return source;
};

const openFile = async (path: string): Promise<Source> => {
  try {
    await using file = await open(path, "r");
    const facts = await file.stat({ bigint: true });
    if (!facts.isFile()) {
      throw new SluiceError("source_not_found", { message: `${path} is not a file.` });
    }
    return { kind: "file", path, sizeBytes: Number(facts.size), version: String(facts.mtimeNs) };
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    throw new SluiceError("source_not_found", {
      message: `${path} does not exist or cannot be read.`,
      cause: thrown,
    });
  }
};

/** A few bytes from anywhere in the source; for looking at signatures and boxes. */
export const readAt = async (
  source: Source,
  offset: number,
  length: number,
): Promise<Uint8Array> => {
  if (source.kind === "remote") return source.read(offset, length);
  await using file = await open(source.path, "r");
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, offset);
  return buffer.subarray(0, bytesRead);
};
