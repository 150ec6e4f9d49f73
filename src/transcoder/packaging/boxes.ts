import { ByteReader, malformed } from "./byte-reader.ts";

/** One box of an ISO base media file. */
export type Box = {
  readonly type: string;
  /** First byte of the box's header, counted in the bytes that were read. */
  readonly start: number;
  /** What follows the header; a view into the bytes that were read, not a copy. */
  readonly body: Uint8Array;
};

/** A box size of 1 announces a 64-bit size, 0 says "to the end" (ISO/IEC 14496-12 §4.2.2). */
const LARGE_SIZE = 1;
const TO_THE_END = 0;

/**
 * The boxes that lie side by side in `bytes` (ISO/IEC 14496-12 §4.2.2), in file order.
 * Throws `transcode_failed` when a size does not fit into what is there.
 */
export const readBoxes = (bytes: Uint8Array): Box[] => {
  const reader = new ByteReader(bytes);
  const boxes: Box[] = [];
  while (reader.remaining > 0) {
    const start = bytes.byteLength - reader.remaining;
    const compactSize = reader.u32();
    const type = reader.fourCc();
    const isLarge = compactSize === LARGE_SIZE;
    const headerBytes = isLarge ? 16 : 8;
    const size = isLarge ? reader.u64() : compactSize;
    const bodyBytes = compactSize === TO_THE_END ? reader.remaining : size - headerBytes;
    if (bodyBytes < 0) throw malformed(`box ${type} claims ${size} bytes`);
    boxes.push({ type, start, body: reader.take(bodyBytes) });
  }
  return boxes;
};

/** The first box at `path`, through boxes that hold nothing but boxes; undefined when it is absent. */
export const findBox = (bytes: Uint8Array, ...path: readonly string[]): Box | undefined => {
  const [type, ...deeper] = path;
  const box = readBoxes(bytes).find((candidate) => candidate.type === type);
  return box === undefined || deeper.length === 0 ? box : findBox(box.body, ...deeper);
};

/** Like `findBox`, but a missing box throws `transcode_failed`. */
export const requireBox = (bytes: Uint8Array, ...path: readonly string[]): Box => {
  const box = findBox(bytes, ...path);
  if (box === undefined) throw malformed(`no ${path.join("/")} box`);
  return box;
};

/** A reader behind a full box's version and flags (ISO/IEC 14496-12 §4.2.2, FullBox). */
export const openFullBox = (
  box: Pick<Box, "body">,
): { version: number; flags: number; reader: ByteReader } => {
  const reader = new ByteReader(box.body);
  return { version: reader.u8(), flags: reader.u24(), reader };
};
