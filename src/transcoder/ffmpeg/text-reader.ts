import { AV_NOPTS_VALUE, AV_PKT_DATA_WEBVTT_SETTINGS, AVDISCARD_ALL } from "node-av/constants";
import { Packet } from "node-av/lib";
import type { Source } from "../source.ts";
import { MediaInput } from "./media-input.ts";

/** One packet of a text stream, as the container holds it. */
export type TextPacket = {
  readonly streamIndex: number;
  /** In the source's time. */
  readonly startSeconds: number;
  /** null where the container does not say how long it is shown. */
  readonly durationSeconds: number | null;
  readonly bytes: Uint8Array;
  /** Settings of a WebVTT cue, which containers hold apart from its text. */
  readonly settings: string;
};

/** More than this of one packet is not looked at; what is made of it is capped far below. */
const MAX_PACKET_BYTES = 64 * 1024;

/** The text streams of a source, demuxed on an input of their own. `await using` it. */
export class TextReader implements AsyncDisposable {
  readonly #input: MediaInput;
  readonly #wanted: ReadonlySet<number>;

  private constructor(input: MediaInput, wanted: ReadonlySet<number>) {
    this.#input = input;
    this.#wanted = wanted;
  }

  static async open(source: Source, streamIndexes: readonly number[]): Promise<TextReader> {
    const input = await MediaInput.open(source);
    const wanted = new Set(streamIndexes);
    for (const stream of input.context.streams) {
      if (!wanted.has(stream.index)) stream.discard = AVDISCARD_ALL;
    }
    return new TextReader(input, wanted);
  }

  /** Everything from the start to the end, in the order of the file. */
  async *packets(): AsyncGenerator<TextPacket> {
    using packet = new Packet();
    packet.alloc();
    // Off the event loop: between two subtitles lie minutes of pictures to skip.
    while (await this.#input.read(packet, { aside: true })) {
      const found = this.#wanted.has(packet.streamIndex) ? this.#copy(packet) : null;
      packet.unref();
      if (found !== null) yield found;
    }
  }

  #copy(packet: Packet): TextPacket | null {
    const { streamIndex, pts, duration, data } = packet;
    if (data === null || pts === AV_NOPTS_VALUE) return null;
    const { num, den } = this.#input.stream(streamIndex).timeBase;
    const settings = packet.getSideData(AV_PKT_DATA_WEBVTT_SETTINGS);
    return {
      streamIndex,
      startSeconds: (Number(pts) * num) / den,
      durationSeconds: duration > 0n ? (Number(duration) * num) / den : null,
      bytes: new Uint8Array(data.subarray(0, MAX_PACKET_BYTES)),
      settings: settings === null ? "" : settings.toString("utf8"),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input[Symbol.asyncDispose]();
  }
}
