import { type S3Client, UploadPartCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { Storage } from "./index.ts";
import { safeKey } from "./object-key.ts";
import { onS3 } from "./s3-errors.ts";

const CHECKSUM_HEADER = "x-amz-checksum-crc32";

/**
 * Signs PUTs of parts (SigV4 in the query). The signature covers `content-length`, so that a body of
 * any other length is refused with 403, and, where the part's CRC-32 is known, the header that names
 * it, so that a body of other bytes is refused with 400. The checksum must be a header: S3 does not
 * compare a body with one that stands in the query.
 * @param client whose endpoint is the one that browsers reach
 */
export const s3PartSigner =
  (client: S3Client, bucket: string): Storage["signPart"] =>
  ({ upload, partNumber, sizeBytes, crc32, expiresInSeconds }) =>
    onS3(async () => {
      const signedAt = Date.now();
      const command = new UploadPartCommand({
        Bucket: bucket,
        Key: safeKey(upload.key),
        UploadId: upload.uploadId,
        PartNumber: partNumber,
        ContentLength: sizeBytes,
        ...(crc32 !== null && { ChecksumCRC32: crc32 }),
      });
      const url = await getSignedUrl(client, command, {
        expiresIn: expiresInSeconds,
        signingDate: new Date(signedAt),
        unhoistableHeaders: new Set([CHECKSUM_HEADER]),
      });
      // Temporary credentials end what they signed: such an address is good for no longer than they are.
      const { expiration } = await client.config.credentials();
      const expiry = signedAt + expiresInSeconds * 1000;
      return {
        method: "PUT",
        url,
        headers: crc32 === null ? {} : { [CHECKSUM_HEADER]: crc32 },
        expiresAt: new Date(Math.min(expiry, expiration?.getTime() ?? expiry)),
      };
    });
