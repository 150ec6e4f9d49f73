import {
  AV_NOPTS_VALUE,
  AV_PKT_DATA_NEW_EXTRADATA,
  AV_PKT_FLAG_CORRUPT,
  AV_PKT_FLAG_DISCARD,
} from "node-av/constants";
import { Packet } from "node-av/lib";
import type { Source } from "../source.ts";
import { MediaInput } from "./media-input.ts";

/** A packet of a stream as the container holds it. */
export type SourcePacket = {
  /** libavformat's own memory: good until the next packet is asked for. */
  readonly bytes: Uint8Array;
  /** When it is to be shown, in the source's time; null where the container does not say. */
  readonly seconds: number | null;
  /** 0 where unknown. */
  readonly durationSeconds: number;
  /** The container knows that bytes are missing. */
  readonly isCorrupt: boolean;
  /** An edit list hides it: it is decoded for others that need it, and not shown. */
  readonly isHidden: boolean;
  /** From here on the container says other things about the stream than `header`. */
  readonly hasNewHeader: boolean;
};

/** One stream, demuxed and not decoded. `await using` it. */
export class PacketReader implements AsyncDisposable {
  readonly #input: MediaInput;
  readonly #streamIndex: number;
  /** Seconds of one step of the stream's clock. */
  readonly tick: number;
  /** What the container says about the stream to a decoder; null when nothing. */
  readonly header: Uint8Array | null;

  private constructor(input: MediaInput, streamIndex: number) {
    this.#input = input;
    this.#streamIndex = streamIndex;
    const { timeBase, codecpar } = input.readOnly(streamIndex);
    this.tick = timeBase.num / timeBase.den;
    const { extradata } = codecpar;
    this.header = extradata === null ? null : Uint8Array.from(extradata);
  }

  static async open(source: Source, streamIndex: number): Promise<PacketReader> {
    const input = await MediaInput.open(source);
    try {
      return new PacketReader(input, streamIndex);
    } catch (thrown) {
      await input[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** Goes to the keyframe at or before `seconds`; false where the container cannot. Only before `packets`. */
  async seek(seconds: number): Promise<boolean> {
    if (this.#input.mustReadFromStart) return false;
    return this.#input.seek(this.#streamIndex, BigInt(Math.floor(seconds / this.tick)));
  }

  /** Every packet from here to the end, in decoding order. */
  async *packets(): AsyncGenerator<SourcePacket> {
    using packet = new Packet();
    packet.alloc();
    while (await this.#input.read(packet)) {
      if (packet.streamIndex === this.#streamIndex) yield this.#taken(packet);
      packet.unref();
    }
  }

  #taken(packet: Packet): SourcePacket {
    const { data, pts, duration } = packet;
    const header = packet.getSideData(AV_PKT_DATA_NEW_EXTRADATA);
    return {
      bytes: data ?? new Uint8Array(),
      seconds: pts === AV_NOPTS_VALUE ? null : Number(pts) * this.tick,
      durationSeconds: duration > 0n ? Number(duration) * this.tick : 0,
      isCorrupt: packet.hasFlags(AV_PKT_FLAG_CORRUPT),
      isHidden: packet.hasFlags(AV_PKT_FLAG_DISCARD),
      hasNewHeader:
        header !== null && Buffer.compare(header, this.header ?? new Uint8Array()) !== 0,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input[Symbol.asyncDispose]();
  }
}
