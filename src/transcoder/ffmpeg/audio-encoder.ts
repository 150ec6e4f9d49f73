import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_SAMPLE_FMT_FLTP,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  FF_ENCODER_AAC,
} from "node-av/constants";
import {
  avChannelLayoutDefault,
  Codec,
  CodecContext,
  type CodecParameters,
  type Frame,
  Packet,
  Rational,
} from "node-av/lib";
import type { AudioPlan } from "../plan/audio-plan.ts";
import { check, present } from "./check.ts";

/** FFmpeg's own AAC-LC encoder. Dispose it after every call on it has settled. */
export class AudioEncoder implements Disposable {
  readonly #context: CodecContext;

  private constructor(context: CodecContext) {
    this.#context = context;
  }

  static async open(plan: AudioPlan): Promise<AudioEncoder> {
    const context = new CodecContext();
    context.allocContext3(present(Codec.findEncoderByName(FF_ENCODER_AAC), "aac"));
    context.sampleRate = plan.sampleRate;
    context.sampleFormat = AV_SAMPLE_FMT_FLTP;
    context.channelLayout = avChannelLayoutDefault(plan.channels);
    context.bitRate = BigInt(plan.bitRate);
    context.timeBase = new Rational(1, plan.sampleRate);
    context.threadCount = 1;
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    const code = await context.open2(null, null);
    if (code < 0) context.freeContext();
    check(code, "opening the audio encoder");
    return new AudioEncoder(context);
  }

  /** Fills in what a muxer has to know about the stream. */
  readonly describe = (parameters: CodecParameters): void => {
    check(parameters.fromContext(this.#context), "reading the encoder's parameters");
  };

  /** Encodes one frame of 1024 samples (null: the end); the receiver owns the packets. */
  async encode(frame: Frame | null): Promise<Packet[]> {
    check(await this.#context.sendFrame(frame), "encoding audio");
    const packets: Packet[] = [];
    for (;;) {
      const packet = new Packet();
      packet.alloc();
      const code = this.#context.receivePacketSync(packet);
      if (code < 0) {
        packet.free();
        if (code !== AVERROR_EAGAIN && code !== AVERROR_EOF) check(code, "encoding audio");
        return packets;
      }
      packets.push(packet);
    }
  }

  [Symbol.dispose](): void {
    this.#context.freeContext();
  }
}
