import { mkdir, statfs } from "node:fs/promises";
import { join, resolve } from "node:path";
import { SluiceError } from "../errors.ts";
import { diskObjects } from "./disk-objects.ts";
import { openPartGrant, sealPartGrant } from "./disk-upload-token.ts";
import { diskUploads } from "./disk-uploads.ts";
import type { OpenedStorage } from "./index.ts";
import { objectPath, prefixPath } from "./object-path.ts";
import { objectVersion } from "./object-version.ts";

/** Where the api takes the parts that were signed here; see `src/http/part-upload.ts`. */
export const PART_UPLOAD_PATH = "/storage/uploads";

/**
 * Storage in a folder of this machine: `{folder}/uploads` and `{folder}/media`. Part addresses are
 * served by the api itself, signed with `signingKey`.
 * @param options.publicUrl base of the signed addresses, no trailing slash
 */
export const openDiskStorage = async (options: {
  folder: string;
  signingKey: Uint8Array;
  publicUrl: string;
}): Promise<OpenedStorage> => {
  const root = resolve(options.folder);
  for (const folder of [join("uploads", ".incoming"), "media"]) {
    await mkdir(join(root, folder), { recursive: true, mode: 0o700 });
  }
  const uploads = diskUploads(root);
  return {
    storage: {
      ...diskObjects(root),
      createMultipartUpload: async ({ key, sizeBytes }) => {
        objectPath(root, "uploads", key);
        return { key, uploadId: await uploads.create(sizeBytes) };
      },
      signPart: async ({ upload, partNumber, offset, sizeBytes, crc32, expiresInSeconds }) => {
        const expiresAt = new Date(Date.now() + expiresInSeconds * 1000);
        const token = sealPartGrant(options.signingKey, {
          uploadId: upload.uploadId,
          partNumber,
          offset,
          sizeBytes,
          crc32,
          expiresAt,
        });
        const url = `${options.publicUrl}${PART_UPLOAD_PATH}/${token}`;
        return { method: "PUT", url, headers: {}, expiresAt };
      },
      listParts: ({ uploadId }) => uploads.list(uploadId),
      completeMultipartUpload: async ({ upload, parts }) => {
        const object = await uploads.complete(upload, parts);
        return { ...object, version: objectVersion(object) };
      },
      abortMultipartUpload: ({ uploadId }) => uploads.abort(uploadId),
      locate: (bucket, key) => ({
        adapter: "disk",
        path: key.endsWith("/") ? prefixPath(root, bucket, key) : objectPath(root, bucket, key),
      }),
      freeBytes: async () => {
        const { bavail, bsize } = await statfs(root);
        return bavail * bsize;
      },
      ping: async () => {
        await statfs(root).catch((cause) => {
          throw new SluiceError("storage_unavailable", { cause });
        });
      },
    },
    partReceiver: {
      receive: async ({ token, contentLength, body }) => {
        const grant = openPartGrant(options.signingKey, token, new Date());
        if (contentLength !== grant.sizeBytes || body === null) {
          throw new SluiceError("part_size_mismatch", {
            details: { expectedBytes: grant.sizeBytes },
          });
        }
        return await uploads.receive(grant, body);
      },
    },
    uploadOrigin: null,
  };
};
