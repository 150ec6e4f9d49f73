import { AV_NOPTS_VALUE, AV_PICTURE_TYPE_NONE } from "node-av/constants";
import { type Frame, Packet } from "node-av/lib";
import type { Source } from "../source.ts";
import { Decoder } from "./decoder.ts";
import { MediaInput } from "./media-input.ts";

/** A decoded picture with its place in the source's time; whoever receives it frees `frame`. */
export type TimedPicture = {
  readonly frame: Frame;
  /** Null where neither container nor codec say. */
  readonly seconds: number | null;
  /** 0 where unknown. */
  readonly durationSeconds: number;
};

/** More decoder threads than this cost memory (one set of pictures each) and gain nothing beside the encoders. */
const MAX_DECODER_THREADS = 4;

/** One video stream, demuxed and decoded. `await using` it. */
export class VideoReader implements AsyncDisposable {
  readonly #input: MediaInput;
  readonly #decoder: Decoder;
  readonly #streamIndex: number;
  readonly #tick: number;
  readonly #sizeBytes: number;
  #position = 0;

  private constructor(input: MediaInput, decoder: Decoder, streamIndex: number, sizeBytes: number) {
    this.#input = input;
    this.#decoder = decoder;
    this.#streamIndex = streamIndex;
    this.#sizeBytes = sizeBytes;
    const { num, den } = input.stream(streamIndex).timeBase;
    this.#tick = num / den;
  }

  static async open(source: Source, streamIndex: number): Promise<VideoReader> {
    const input = await MediaInput.open(source);
    try {
      const stream = input.readOnly(streamIndex);
      const threads = Math.min(navigator.hardwareConcurrency, MAX_DECODER_THREADS);
      const decoder = await Decoder.open(stream, threads);
      return new VideoReader(input, decoder, streamIndex, source.sizeBytes);
    } catch (thrown) {
      await input[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** Packets or pictures with errors so far. */
  get damaged(): number {
    return this.#decoder.damaged;
  }

  /** Part of the source's bytes read so far, 0 to 1. */
  get position(): number {
    return this.#position;
  }

  /** Goes to the keyframe at or before `seconds`; false where the container cannot. Only before `pictures`. */
  async seek(seconds: number): Promise<boolean> {
    return this.#input.mustReadFromStart ? false : this.seekAbout(seconds);
  }

  /** The same for a look at a picture whose exact time does not matter: also where clocks jump. */
  seekAbout(seconds: number): Promise<boolean> {
    return this.#input.seek(this.#streamIndex, BigInt(Math.floor(seconds / this.#tick)));
  }

  /** Every picture from here to the end, in the order of presentation. */
  async *pictures(): AsyncGenerator<TimedPicture> {
    using packet = new Packet();
    packet.alloc();
    while (await this.#input.read(packet)) {
      if (packet.streamIndex === this.#streamIndex) {
        if (packet.pos > 0n) this.#position = Number(packet.pos) / this.#sizeBytes;
        for await (const frame of this.#decoder.decode(packet)) yield this.#timed(frame);
      }
      packet.unref();
    }
    for await (const frame of this.#decoder.decode(null)) yield this.#timed(frame);
  }

  #timed(frame: Frame): TimedPicture {
    // Encoders would take the source's picture types for an order to code the same ones.
    frame.pictType = AV_PICTURE_TYPE_NONE;
    const { bestEffortTimestamp, duration } = frame;
    return {
      frame,
      seconds:
        bestEffortTimestamp === AV_NOPTS_VALUE ? null : Number(bestEffortTimestamp) * this.#tick,
      durationSeconds: duration > 0n ? Number(duration) * this.#tick : 0,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#decoder[Symbol.dispose]();
    await this.#input[Symbol.asyncDispose]();
  }
}
