/**
 * CRC-32 (ISO/IEC 8802-3, as in zip) of a part, in the form S3 has it: base64 of its four bytes, the
 * highest first. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
export const encodeCrc32 = (crc32: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32);
  return bytes.toString("base64");
};

/** Matches what `encodeCrc32` gives; for schemas. Four bytes end in `==`, two bits of the last digit are zero. */
export const CRC32_PATTERN = "^[A-Za-z0-9+/]{5}[AQgw]==$";
