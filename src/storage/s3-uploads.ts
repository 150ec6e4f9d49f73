import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  type Part,
  type S3Client,
} from "@aws-sdk/client-s3";
import { SluiceError } from "../errors.ts";
import type { MultipartUpload, Storage, UploadedObject } from "./index.ts";
import { safeKey } from "./object-key.ts";
import { objectVersion } from "./object-version.ts";
import { fromS3, onS3 } from "./s3-errors.ts";
import { headObject } from "./s3-objects.ts";

type S3Uploads = Pick<
  Storage,
  "createMultipartUpload" | "listParts" | "completeMultipartUpload" | "abortMultipartUpload"
>;

type DeclaredPart = { readonly partNumber: number; readonly sizeBytes: number };
type StoredPart = DeclaredPart & { readonly etag: string; readonly crc32: string | undefined };

/** Media types that can stand in a header as they are (RFC 9110, section 8.3.1); of others nothing is gained. */
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}$/;

/**
 * Uploads in progress in the uploads bucket. The store itself keeps the parts; they are sent to it
 * directly, to addresses that `s3-signer.ts` makes.
 *
 * Each upload is declared to have a CRC-32 of the whole object. So parts may carry a CRC-32 that was
 * signed with their address, which the store then checks, but need not, and the store makes the
 * object's own out of them.
 */
export const s3Uploads = (client: S3Client, bucket: string): S3Uploads => {
  const place = ({ key, uploadId }: MultipartUpload) => ({
    Bucket: bucket,
    Key: safeKey(key),
    UploadId: uploadId,
  });

  const stored = async (upload: MultipartUpload): Promise<StoredPart[] | null> => {
    const parts: StoredPart[] = [];
    for (let marker: string | undefined, more = true; more; ) {
      const page = await unlessClosed(() =>
        client.send(new ListPartsCommand({ ...place(upload), PartNumberMarker: marker })),
      );
      if (page === null) {
        return null;
      }
      parts.push(...(page.Parts ?? []).map(storedPart));
      marker = page.NextPartNumberMarker;
      more = page.IsTruncated === true && marker !== undefined;
    }
    return parts;
  };

  /** null when the upload is over. */
  const join = async (
    upload: MultipartUpload,
    declared: readonly DeclaredPart[],
  ): Promise<UploadedObject | null> => {
    const parts = await stored(upload);
    if (parts === null) {
      return null;
    }
    const sizeBytes = totalOf(declared);
    const answer = await unlessClosed(() =>
      client.send(
        new CompleteMultipartUploadCommand({
          ...place(upload),
          MultipartUpload: { Parts: matching(declared, parts) },
          // The store compares it with what it joined.
          MpuObjectSize: sizeBytes,
        }),
      ),
    );
    if (answer === null) {
      return null;
    }
    const etag = answer.ETag ?? "";
    return {
      key: upload.key,
      sizeBytes,
      etag,
      version: objectVersion({ versionId: answer.VersionId, etag }),
    };
  };

  return {
    createMultipartUpload: ({ key, contentType }) =>
      onS3(async () => {
        const { UploadId } = await client.send(
          new CreateMultipartUploadCommand({
            Bucket: bucket,
            Key: safeKey(key),
            ContentType: MEDIA_TYPE.test(contentType) ? contentType : "application/octet-stream",
            ChecksumAlgorithm: "CRC32",
            ChecksumType: "FULL_OBJECT",
          }),
        );
        if (UploadId === undefined) {
          throw new SluiceError("storage_unavailable");
        }
        return { key, uploadId: UploadId };
      }),
    listParts: async (upload) =>
      ((await stored(upload)) ?? []).map(({ partNumber, sizeBytes, etag }) => ({
        partNumber,
        sizeBytes,
        etag,
      })),
    completeMultipartUpload: async ({ upload, parts }) => {
      const joined = await join(upload, parts);
      const found = await headObject(client, { Bucket: bucket, Key: safeKey(upload.key) });
      if (found === null || !isOf(found.etag, parts.length)) {
        throw new SluiceError("upload_closed");
      }
      if (found.sizeBytes !== totalOf(parts) || (joined !== null && joined.etag !== found.etag)) {
        throw new SluiceError("upload_size_mismatch");
      }
      const { key, sizeBytes, etag } = found;
      return { key, sizeBytes, etag, version: objectVersion(found) };
    },
    abortMultipartUpload: async (upload) => {
      await unlessClosed(() => client.send(new AbortMultipartUploadCommand(place(upload))));
    },
  };
};

const totalOf = (parts: readonly DeclaredPart[]): number =>
  parts.reduce((total, { sizeBytes }) => total + sizeBytes, 0);

const storedPart = ({ PartNumber = 0, Size = 0, ETag = "", ChecksumCRC32 }: Part): StoredPart => ({
  partNumber: PartNumber,
  sizeBytes: Size,
  etag: ETag,
  crc32: ChecksumCRC32,
});

/**
 * What the store is told to join: the declared parts, each as it was received.
 * @throws SluiceError `upload_incomplete`, `upload_size_mismatch`
 */
const matching = (declared: readonly DeclaredPart[], parts: readonly StoredPart[]) => {
  const received = new Map(parts.map((part) => [part.partNumber, part]));
  const missingParts = declared
    .map(({ partNumber }) => partNumber)
    .filter((partNumber) => !received.has(partNumber));
  if (missingParts.length > 0) {
    throw new SluiceError("upload_incomplete", { details: { missingParts } });
  }
  return declared.map(({ partNumber, sizeBytes }) => {
    const part = received.get(partNumber);
    if (part?.sizeBytes !== sizeBytes) {
      throw new SluiceError("upload_size_mismatch", { details: { partNumber } });
    }
    return { PartNumber: partNumber, ETag: part.etag, ChecksumCRC32: part.crc32 };
  });
};

/** The ETag of an object that was joined of parts ends in their number, with every kind of encryption. */
const isOf = (etag: string, partCount: number): boolean => etag.endsWith(`-${partCount}"`);

/** Runs `work`; null when the upload was completed or aborted before. */
const unlessClosed = async <T>(work: () => Promise<T>): Promise<T | null> => {
  try {
    return await work();
  } catch (thrown) {
    const failure = fromS3(thrown);
    if (failure instanceof SluiceError && failure.code === "upload_closed") {
      return null;
    }
    throw failure;
  }
};
