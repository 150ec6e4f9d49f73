const MIB = 1024 ** 2;

/** S3's limit for one multipart upload; disk storage keeps to it too, so that a list of parts stays small. */
const MAX_PARTS = 10_000;

/** One part of an upload: `sizeBytes` bytes of the file from `offset` on. */
export type Part = {
  /** From 1. */
  readonly partNumber: number;
  readonly offset: number;
  readonly sizeBytes: number;
};

/** How a file is cut: all parts have `partBytes`, the last one what remains. */
type Cut = { readonly sizeBytes: number; readonly partBytes: number };

/** Size of the parts of a file: the wished one, or more (in whole MiB) where it would make too many. */
export const partBytesFor = (sizeBytes: number, wishedBytes: number): number =>
  sizeBytes <= MAX_PARTS * wishedBytes ? wishedBytes : Math.ceil(sizeBytes / MAX_PARTS / MIB) * MIB;

export const partCount = ({ sizeBytes, partBytes }: Cut): number =>
  Math.ceil(sizeBytes / partBytes);

/** null when there is no such part. */
export const partAt = (cut: Cut, partNumber: number): Part | null => {
  const offset = (partNumber - 1) * cut.partBytes;
  return Number.isInteger(partNumber) && partNumber >= 1 && offset < cut.sizeBytes
    ? { partNumber, offset, sizeBytes: Math.min(cut.partBytes, cut.sizeBytes - offset) }
    : null;
};

/** All parts in order; they cover the file end to end. */
export const partsOf = (cut: Cut): Part[] =>
  Array.from({ length: partCount(cut) }, (_, index) => partAt(cut, index + 1)).filter(
    (part) => part !== null,
  );
