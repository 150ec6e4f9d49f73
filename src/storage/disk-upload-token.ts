import { SluiceError } from "../errors.ts";
import { openToken, sealToken } from "../signed-token.ts";

/** What a signed part address allows: these bytes at this place of this upload, until then. */
export type PartGrant = {
  readonly uploadId: string;
  readonly partNumber: number;
  readonly offset: number;
  readonly sizeBytes: number;
  /** Checksum that the bytes must have, as `encodeCrc32` gives it; null for any. */
  readonly crc32: string | null;
  readonly expiresAt: Date;
};

export const sealPartGrant = (key: Uint8Array, grant: PartGrant): string =>
  sealToken(key, [
    grant.uploadId,
    grant.partNumber,
    grant.offset,
    grant.sizeBytes,
    grant.expiresAt.getTime(),
    ...(grant.crc32 === null ? [] : [grant.crc32]),
  ]);

/** @throws SluiceError `url_signature_invalid`, `url_expired` */
export const openPartGrant = (key: Uint8Array, token: string, now: Date): PartGrant => {
  const payload = openToken(key, token);
  if (payload === null) {
    throw new SluiceError("url_signature_invalid");
  }
  // What is signed with this key was made by `sealPartGrant`.
  const [uploadId, partNumber, offset, sizeBytes, expiry, crc32 = null] = payload as [
    string,
    number,
    number,
    number,
    number,
    string?,
  ];
  if (expiry <= now.getTime()) {
    throw new SluiceError("url_expired");
  }
  return { uploadId, partNumber, offset, sizeBytes, crc32, expiresAt: new Date(expiry) };
};
