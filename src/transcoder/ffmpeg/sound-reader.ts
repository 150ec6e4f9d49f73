import { AV_NOPTS_VALUE } from "node-av/constants";
import { type Frame, Packet } from "node-av/lib";
import type { Source } from "../source.ts";
import { Decoder } from "./decoder.ts";
import { MediaInput } from "./media-input.ts";

/** Decoded sound with its place in the source's time; whoever receives it frees `frame`. */
export type TimedSound = { readonly frame: Frame; readonly seconds: number | null };

/** One audio stream, demuxed and decoded by itself. `await using` it. */
export class SoundReader implements AsyncDisposable {
  readonly #input: MediaInput;
  readonly #decoder: Decoder;
  readonly #streamIndex: number;

  private constructor(input: MediaInput, decoder: Decoder, streamIndex: number) {
    this.#input = input;
    this.#decoder = decoder;
    this.#streamIndex = streamIndex;
  }

  static async open(source: Source, streamIndex: number): Promise<SoundReader> {
    const input = await MediaInput.open(source);
    try {
      const decoder = await Decoder.open(input.readOnly(streamIndex), 1);
      return new SoundReader(input, decoder, streamIndex);
    } catch (thrown) {
      await input[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** Packets or frames with errors so far. */
  get damaged(): number {
    return this.#decoder.damaged;
  }

  /** Everything from the start to the end. */
  async *sounds(): AsyncGenerator<TimedSound> {
    const { num, den } = this.#input.stream(this.#streamIndex).timeBase;
    const timed = (frame: Frame): TimedSound => {
      const pts = frame.bestEffortTimestamp;
      return { frame, seconds: pts === AV_NOPTS_VALUE ? null : (Number(pts) * num) / den };
    };
    using packet = new Packet();
    packet.alloc();
    while (await this.#input.read(packet)) {
      if (packet.streamIndex === this.#streamIndex) {
        for await (const frame of this.#decoder.decode(packet)) yield timed(frame);
      }
      packet.unref();
    }
    for await (const frame of this.#decoder.decode(null)) yield timed(frame);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#decoder[Symbol.dispose]();
    await this.#input[Symbol.asyncDispose]();
  }
}
