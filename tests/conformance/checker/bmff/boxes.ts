import { Cursor, Unreadable } from "../cursor.ts";

/** A box of ISO/IEC 14496-12 §4.2 that lies in a file. */
export type Box = {
  readonly type: string;
  /** Offset of its first byte in the file. */
  readonly start: number;
  /** Bytes with the header. */
  readonly size: number;
  readonly headerSize: number;
  /** What follows the header. */
  readonly body: Uint8Array;
};

/** Boxes side by side that fill `bytes` exactly; `start` is where those bytes lie in their file. */
export const boxesIn = (bytes: Uint8Array, start = 0): Box[] => {
  const cursor = new Cursor(bytes);
  const boxes: Box[] = [];
  while (cursor.left > 0) {
    const at = cursor.at;
    const shortSize = cursor.u32();
    const type = cursor.tag();
    const size = shortSize === 1 ? cursor.u64() : shortSize;
    const headerSize = cursor.at - at;
    if (size < headerSize)
      throw new Unreadable(`box ${type} at ${start + at} claims ${size} bytes`);
    const body = cursor.bytes(size - headerSize);
    boxes.push({ type, start: start + at, size, headerSize, body });
  }
  return boxes;
};

/** Children of a box that begin `after` bytes into its body. */
export const childrenOf = (box: Box, after = 0): Box[] =>
  boxesIn(box.body.subarray(after), box.start + box.headerSize + after);

/** The one box of a type, or null. Throws when there are several. */
export const optional = (boxes: readonly Box[], type: string): Box | null => {
  const found = boxes.filter((box) => box.type === type);
  if (found.length > 1) throw new Unreadable(`${found.length} ${type} boxes where one is allowed`);
  return found[0] ?? null;
};

/** The one box of a type. Throws when there is none or there are several. */
export const one = (boxes: readonly Box[], type: string): Box => {
  const found = optional(boxes, type);
  if (found === null) throw new Unreadable(`there is no ${type} box`);
  return found;
};

/** Version, flags and a cursor behind them (FullBox, §4.2.2). */
export const full = (box: Box): { version: number; flags: number; cursor: Cursor } => {
  const cursor = new Cursor(box.body);
  return { version: cursor.u8(), flags: cursor.u24(), cursor };
};

/** Fixed bytes of a sample entry before its boxes: §12.1.3.2 (visual), §12.2.3.2 (sound). */
export const sampleEntryBytes = { avc1: 78, mp4a: 28 } as const;
