/** Pure arithmetic of an upload in parts: what is missing, where it lies, how far it is. */

export type PartLayout = {
  readonly sizeBytes: number;
  /** All parts but the last have this size. */
  readonly partBytes: number;
  readonly partCount: number;
};

/** Part numbers still to be sent, lowest first, so that a file grows from its start. */
export const missingParts = (
  layout: PartLayout,
  receivedParts: readonly number[],
): readonly number[] => {
  const received = new Set(receivedParts);
  return Array.from({ length: layout.partCount }, (_, index) => index + 1).filter(
    (number) => !received.has(number),
  );
};

/** Length of one part, in bytes; the last one is what remains. */
export const partSize = (layout: PartLayout, partNumber: number): number =>
  partNumber < layout.partCount
    ? layout.partBytes
    : layout.sizeBytes - layout.partBytes * (layout.partCount - 1);

/** Bytes on the server when these parts have arrived. */
export const receivedBytes = (layout: PartLayout, receivedParts: Iterable<number>): number =>
  [...new Set(receivedParts)].reduce((sum, number) => sum + partSize(layout, number), 0);

type NamedFile = { readonly name: string; readonly size: number };
type Unfinished = { readonly fileName: string; readonly sizeBytes: number };

/**
 * Whether this looks like the file that an unfinished upload was begun with. Browsers tell nothing
 * better about a file without reading all of it; the server checks the length once more.
 */
export const isSameFile = (file: NamedFile, upload: Unfinished): boolean =>
  file.name === upload.fileName && file.size === upload.sizeBytes;
