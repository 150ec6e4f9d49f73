import { InputFormat } from "node-av/lib";

/** FFmpeg's name for what begins with these bytes, or null; nothing is opened for it. A single picture is a "pipe" for it. */
export const containerName = (start: Uint8Array): string | null =>
  InputFormat.probe(Buffer.from(start))?.name?.replace(/_pipe$/, "") ?? null;
