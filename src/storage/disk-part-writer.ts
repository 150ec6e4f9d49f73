import type { FileHandle } from "node:fs/promises";
import { SluiceError } from "../errors.ts";

/** Chunks of the network are gathered to about this size per write: fewer trips through the thread pool. */
const WRITE_BYTES = 1024 * 1024;

type Body = AsyncIterable<Uint8Array>;

/**
 * Streams exactly `sizeBytes` of `body` to `offset` of the file and makes them durable. Holds about
 * one write in memory; the next chunk is not asked for before the disk took the last write. The
 * chunks are used up: their memory is gone afterwards.
 * @returns CRC-32 of the bytes
 * @throws SluiceError `part_size_mismatch` when the body ends early or runs on
 */
export const writePart = async (
  file: FileHandle,
  body: Body,
  { offset, sizeBytes }: { offset: number; sizeBytes: number },
): Promise<number> => {
  let position = offset;
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  const flush = async () => {
    await writeFully(file, gathered, position);
    gathered.forEach(release);
    position += gatheredBytes;
    gathered = [];
    gatheredBytes = 0;
  };
  const crc32 = await consumeExactly(body, sizeBytes, async (chunk) => {
    gathered.push(chunk);
    gatheredBytes += chunk.byteLength;
    if (gatheredBytes >= WRITE_BYTES) {
      await flush();
    }
  });
  if (gatheredBytes > 0) {
    await flush();
  }
  await file.datasync();
  return crc32;
};

/** Reads exactly `sizeBytes` of `body` and keeps nothing. @returns CRC-32 of the bytes */
export const checksumPart = (body: Body, sizeBytes: number): Promise<number> =>
  consumeExactly(body, sizeBytes, async (chunk) => release(chunk));

/**
 * Gives a chunk's memory back at once instead of at some collection: beside a heap of several
 * hundred megabytes (the embedded database) the collector lets a hundred more of them pile up.
 */
const release = (chunk: Uint8Array): void => {
  const { buffer } = chunk;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength) {
    buffer.transfer(0);
  }
};

const consumeExactly = async (
  body: Body,
  sizeBytes: number,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<number> => {
  let received = 0;
  let crc32 = 0;
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (let next = await read(chunks); !next.done; next = await read(chunks)) {
      received += next.value.byteLength;
      if (received > sizeBytes) {
        break;
      }
      crc32 = Bun.hash.crc32(next.value, crc32);
      await take(next.value);
    }
  } finally {
    await chunks.return?.().catch(() => {});
  }
  if (received !== sizeBytes) {
    throw new SluiceError("part_size_mismatch");
  }
  return crc32;
};

/** A connection that breaks is a body that ended early, and not our failure. */
const read = async (chunks: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> => {
  try {
    return await chunks.next();
  } catch (cause) {
    throw new SluiceError("part_size_mismatch", { cause });
  }
};

/** A write may take less than it was given, near a full disk for one; the rest tells why. */
const writeFully = async (
  file: FileHandle,
  chunks: readonly Uint8Array[],
  position: number,
): Promise<void> => {
  const total = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  const { bytesWritten } = await file.writev([...chunks], position);
  if (bytesWritten === total) {
    return;
  }
  const bytes = Buffer.concat(chunks);
  for (let done = bytesWritten; done < total; ) {
    done += (await file.write(bytes, done, total - done, position + done)).bytesWritten;
  }
};
