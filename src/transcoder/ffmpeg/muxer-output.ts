import { IOContext } from "node-av/lib";

/**
 * More than a whole `moof`, whose sizes are filled in afterwards (16 bytes for each of at most 240
 * pictures); large enough that a segment takes few calls.
 */
const BUFFER_BYTES = 256 * 1024;

/**
 * Where muxers write: into memory, one muxer after the other. One of these serves a track from start
 * to end, because the binding frees an IO context but not its buffer: a fresh one for every segment
 * would leak hundreds of megabytes over a long film. Dispose it after the last muxer.
 */
export class MuxerOutput implements Disposable {
  readonly io = new IOContext();
  #chunks: Uint8Array[] = [];

  constructor() {
    // The buffer belongs to libavformat and is reused: copy.
    const write = (bytes: Buffer) => {
      this.#chunks.push(new Uint8Array(bytes));
      return bytes.length;
    };
    this.io.allocContextWithCallbacks(BUFFER_BYTES, 1, null, write, null);
  }

  /** Everything that was written since the last call. */
  async take(): Promise<Uint8Array> {
    await this.io.flush();
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  [Symbol.dispose](): void {
    this.io.freeContext();
  }
}
