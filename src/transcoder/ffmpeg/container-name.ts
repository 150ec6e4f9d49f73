import { InputFormat } from "node-av/lib";

/** FFmpeg's name for the container that begins with these bytes, or null; nothing is opened for it. */
export const containerName = (start: Uint8Array): string | null =>
  InputFormat.probe(Buffer.from(start))?.name ?? null;
