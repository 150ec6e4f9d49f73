/** Reads bytes of something remote: exactly `length` of them, unless it ends before. */
export type ReadRange = (offset: number, length: number) => Promise<Uint8Array>;

/** One request: large enough that requests do not dominate, small enough to be wasted by a seek. */
export const BLOCK_BYTES = 1 << 20;

/**
 * Blocks that are kept, the least lately used go first: 48 MiB. Video, sound and text read the same
 * file side by side, and short sources are read once for all passes.
 */
const MOST_BLOCKS = 48;

/** Blocks asked for ahead of whoever reads on: at 20 ms a request this gives 200 MB/s. */
const BLOCKS_AHEAD = 4;

type Block = { readonly bytes: Promise<Uint8Array>; isHere: boolean };

/**
 * Reads in aligned blocks, keeps a bounded number of them, and fetches ahead where somebody reads one
 * block after the other. A block that could not be read is forgotten, and asked for again by the next
 * who needs it.
 */
export const cachedBlocks = (
  sizeBytes: number,
  fetchRange: ReadRange,
  first: Uint8Array | null = null,
): ReadRange => {
  /** In the order of use, the latest last. */
  const blocks = new Map<number, Block>();
  const count = Math.ceil(sizeBytes / BLOCK_BYTES);

  const block = (index: number): Block => {
    const known = blocks.get(index);
    if (known !== undefined) {
      blocks.delete(index);
      blocks.set(index, known);
      return known;
    }
    const offset = index * BLOCK_BYTES;
    const made: Block = {
      bytes: fetchRange(offset, Math.min(BLOCK_BYTES, sizeBytes - offset)),
      isHere: false,
    };
    made.bytes.then(
      () => {
        made.isHere = true;
      },
      () => blocks.delete(index),
    );
    blocks.set(index, made);
    forget();
    return made;
  };
  const forget = (): void => {
    for (const [index, { isHere }] of blocks) {
      if (blocks.size <= MOST_BLOCKS) return;
      if (isHere) blocks.delete(index);
    }
  };
  if (first !== null && first.length === Math.min(BLOCK_BYTES, sizeBytes)) {
    blocks.set(0, { bytes: Promise.resolve(first), isHere: true });
  }

  return async (offset, length) => {
    const end = Math.min(offset + length, sizeBytes);
    const parts: Uint8Array[] = [];
    for (let at = offset; at < end; ) {
      const index = Math.floor(at / BLOCK_BYTES);
      const readsOn = index > 0 && blocks.has(index - 1);
      const { bytes } = block(index);
      const last = Math.min(count - 1, readsOn ? index + BLOCKS_AHEAD : index);
      for (let ahead = index + 1; ahead <= last; ahead += 1) block(ahead);
      const start = index * BLOCK_BYTES;
      const part = (await bytes).subarray(at - start, Math.min(end - start, BLOCK_BYTES));
      parts.push(part);
      at += part.length;
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : new Uint8Array(Buffer.concat(parts));
  };
};
