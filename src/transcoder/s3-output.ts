import { CopyObjectCommand } from "@aws-sdk/client-s3";
import { SluiceError } from "../errors.ts";
import type { ObjectLocation, S3Location } from "../storage/object-location.ts";
import { onS3 } from "../storage/s3-errors.ts";
import { s3Objects } from "../storage/s3-objects.ts";
import type { Output, OutputOptions } from "./output.ts";
import { PRESENTATION_ENTRIES } from "./presentation-entries.ts";
import type { Stores } from "./stores.ts";

/**
 * A prefix of a bucket as output. Objects are put whole, with a checksum that the store verifies;
 * segments are a few megabytes at the most, so no part of one is ever sent alone.
 * Throws `output_not_writable`, `storage_denied`, `storage_unavailable` or `storage_bucket_missing`.
 */
export const openS3Output = async (
  location: S3Location,
  { stores, overwrite = false }: OutputOptions & { readonly stores: Stores },
): Promise<Output> => {
  const { bucket, key: prefix } = location;
  const client = stores.client(location);
  const objects = s3Objects(client, { uploads: bucket, media: bucket });
  const need = <T>(right: string, work: () => Promise<T>) => naming(right, location, work);
  const clear = () =>
    need("s3:DeleteObject", async () => {
      for (const entry of PRESENTATION_ENTRIES) {
        const place = `${prefix}${entry}`;
        if (entry.endsWith("/")) await objects.deletePrefix("media", place);
        else await objects.delete("media", place);
      }
    });
  const put = async (name: string, bytes: Uint8Array): Promise<void> => {
    await need("s3:PutObject", () => objects.put("media", `${prefix}${name}`, bytes));
  };
  const { done } = await need("s3:ListBucket", () =>
    objects.list("media", prefix)[Symbol.asyncIterator]().next(),
  );
  if (done !== true) {
    if (!overwrite) {
      throw new SluiceError("output_not_writable", {
        message: `${bucket}/${prefix} is not empty.`,
      });
    }
    await clear();
  }
  return {
    put,
    copy: async ({ from, name, bytes, etag }) => {
      if (!isSameStore(from, location) || etag === null) return put(name, bytes);
      await need("s3:GetObject and s3:PutObject", () =>
        onS3(() =>
          client.send(
            new CopyObjectCommand({
              Bucket: bucket,
              Key: `${prefix}${name}`,
              CopySource: `${from.bucket}/${encodeKey(`${from.key}${name}`)}`,
              CopySourceIfMatch: etag,
            }),
          ),
        ),
      );
    },
    remove: (name) => need("s3:DeleteObject", () => objects.delete("media", `${prefix}${name}`)),
    clear,
    discard: clear,
  };
};

const isSameStore = (from: ObjectLocation, to: S3Location): from is S3Location =>
  from.adapter === "s3" && from.region === to.region && from.endpoint === to.endpoint;

/** A copy's source is named in a header, in the form of an address. */
const encodeKey = (key: string): string => key.split("/").map(encodeURIComponent).join("/");

/** Runs `work`; a refusal says which right is missing where. */
const naming = async <T>(
  right: string,
  { bucket, key }: S3Location,
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof SluiceError && thrown.code === "storage_denied")) throw thrown;
    throw new SluiceError("storage_denied", {
      message: `The transcoder may not write its output: it needs ${right} on ${bucket}/${key}.`,
      cause: thrown,
    });
  }
};
