import {
  AV_FRAME_FLAG_CORRUPT,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  type FFDecoderCodec,
} from "node-av/constants";
import { avGetCodecName, Codec, CodecContext, Frame, type Packet, type Stream } from "node-av/lib";
import { SluiceError } from "../../errors.ts";
import { allowedDecoder, MAX_PIXELS } from "./allow-list.ts";
import { check, present } from "./check.ts";

/** A decoder holds back fewer pictures than this. */
const MAX_FAILURES_AT_THE_END = 64;

/**
 * A decoder that goes on over damaged data as the ffmpeg command does: what cannot be decoded is
 * counted and left out. Dispose it after every call on it has settled.
 */
export class Decoder implements Disposable {
  readonly context: CodecContext;
  /** Packets or pictures with errors so far. */
  damaged = 0;

  private constructor(context: CodecContext) {
    this.context = context;
  }

  /** Throws `source_unsupported_codec` for anything off the allow-list. */
  static async open(stream: Stream, threads: number): Promise<Decoder> {
    const name = allowedDecoder(avGetCodecName(stream.codecpar.codecId) ?? "");
    if (name === null) throw new SluiceError("source_unsupported_codec");
    // The binding's type knows every decoder there is; the name comes from the allow-list.
    const codec = Codec.findDecoderByName(name as FFDecoderCodec);
    const context = new CodecContext();
    context.allocContext3(present(codec, `decoder ${name}`));
    check(context.parametersToContext(stream.codecpar), "setting up the decoder");
    context.pktTimebase = stream.timeBase;
    context.threadCount = threads;
    // A stream may claim another size at any picture; what probe would refuse is not allocated here either.
    check(context.setOption("max_pixels", MAX_PIXELS), "limiting the decoder");
    const code = await context.open2(null, null);
    if (code < 0) {
      context.freeContext();
      throw new SluiceError("source_undecodable", { cause: new Error(`${name}: ${code}`) });
    }
    return new Decoder(context);
  }

  /** Feeds one packet (null: the end) and hands out what comes of it; the receiver owns each frame. */
  async *decode(packet: Packet | null): AsyncGenerator<Frame> {
    // An empty packet stands for "as before" (Theora); a decoder would take it for the end.
    if (packet !== null && packet.size === 0) return;
    for (;;) {
      const sent = await this.context.sendPacket(packet);
      if (sent < 0 && sent !== AVERROR_EAGAIN && sent !== AVERROR_EOF) this.damaged += 1;
      let received = 0;
      let failures = 0;
      for (;;) {
        const frame = new Frame();
        frame.alloc();
        // Decoding happened in sendPacket, on another thread; only the drain at the end works here.
        const code =
          packet === null
            ? await this.context.receiveFrame(frame)
            : this.context.receiveFrameSync(frame);
        if (code < 0) {
          frame.free();
          if (code === AVERROR_EAGAIN || code === AVERROR_EOF) break;
          this.damaged += 1;
          // At the end one bad picture does not keep the ones behind it, but errors alone are no pictures.
          failures += 1;
          if (packet !== null || failures > MAX_FAILURES_AT_THE_END) break;
          continue;
        }
        received += 1;
        if (frame.hasFlags(AV_FRAME_FLAG_CORRUPT) || frame.decodeErrorFlags !== 0)
          this.damaged += 1;
        yield frame;
      }
      // EAGAIN: the decoder was full and took nothing; now that it was emptied it takes the packet.
      if (sent !== AVERROR_EAGAIN || received === 0) return;
    }
  }

  [Symbol.dispose](): void {
    this.context.freeContext();
  }
}
