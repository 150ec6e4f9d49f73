import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { ObjectLocation, S3Location } from "../storage/object-location.ts";
import { unlessMissing } from "../storage/s3-errors.ts";
import type { Stores } from "./stores.ts";

/** An object that was read. */
export type FoundObject = {
  readonly bytes: Uint8Array;
  /** By which the store tells whether it still is the same one; null where it has none. */
  readonly etag: string | null;
};

/** What an earlier attempt left in its own presentation; nothing there is ever changed. */
export type EarlierAttempt = {
  readonly location: ObjectLocation;
  /** Reads an object whole; null when there is none. */
  readonly get: (name: string) => Promise<FoundObject | null>;
};

/** Opens a prefix that another attempt wrote to. */
export const openEarlierAttempt = (location: ObjectLocation, stores: Stores): EarlierAttempt =>
  location.adapter === "disk" ? onDisk(location) : inS3(location, stores);

const onDisk = (location: Extract<ObjectLocation, { adapter: "disk" }>): EarlierAttempt => ({
  location,
  get: async (name) => {
    try {
      return { bytes: await readFile(join(location.path, name)), etag: null };
    } catch (thrown) {
      if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return null;
      throw thrown;
    }
  },
});

const inS3 = (location: S3Location, stores: Stores): EarlierAttempt => ({
  location,
  get: (name) =>
    unlessMissing(async () => {
      const { Body, ETag } = await stores
        .client(location)
        .send(new GetObjectCommand({ Bucket: location.bucket, Key: `${location.key}${name}` }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      return { bytes, etag: ETag ?? null };
    }),
});
