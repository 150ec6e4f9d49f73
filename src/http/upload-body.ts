import type { Storage } from "../storage/index.ts";
import { receivedParts, type SignedPartRequest, type Upload } from "../videos/upload.ts";
import { partCount } from "../videos/upload-parts.ts";
import type { SignedPart, UploadBody } from "./schemas.ts";

/** An upload as the API shows it to its owner, with what has arrived so far. */
export const uploadBody = async (storage: Storage, upload: Upload): Promise<UploadBody> => {
  const received = await receivedParts(storage, upload);
  return {
    id: upload.id,
    videoId: upload.videoId,
    fileName: upload.fileName,
    sizeBytes: upload.sizeBytes,
    partBytes: upload.partBytes,
    partCount: partCount(upload),
    status: upload.status,
    receivedParts: received.partNumbers,
    receivedBytes: received.bytes,
    createdAt: upload.createdAt.toISOString(),
    expiresAt: upload.expiresAt.toISOString(),
  };
};

export const signedPartBody = (part: SignedPartRequest): SignedPart => ({
  partNumber: part.partNumber,
  offset: part.offset,
  sizeBytes: part.sizeBytes,
  method: part.method,
  url: part.url,
  headers: { ...part.headers },
  expiresAt: part.expiresAt.toISOString(),
});
