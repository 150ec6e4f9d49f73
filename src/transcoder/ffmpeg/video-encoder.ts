import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_YUV420P,
  AVCHROMA_LOC_LEFT,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  FF_ENCODER_LIBX264,
} from "node-av/constants";
import {
  Rational as AvRational,
  Codec,
  CodecContext,
  type CodecParameters,
  type Frame,
  Packet,
} from "node-av/lib";
import { BUFFER_AT_START, type X264Settings } from "../plan/ladder.ts";
import type { Rational } from "../source-facts.ts";
import { check, present } from "./check.ts";
import { closeWithSsim } from "./encoder-log.ts";

export type VideoEncoderSettings = {
  readonly width: number;
  readonly height: number;
  readonly frameRate: Rational;
  /** Most pictures from one IDR picture to the next. */
  readonly gopFrames: number;
  readonly x264: X264Settings;
};

/**
 * One x264 encoder for one segment. A single thread: with more, and a cap that binds, x264's output
 * varies from run to run. Dispose it after every call on it has settled.
 */
export class VideoEncoder implements Disposable {
  readonly #context: CodecContext;

  private constructor(context: CodecContext) {
    this.#context = context;
  }

  static async open(settings: VideoEncoderSettings): Promise<VideoEncoder> {
    const { x264, frameRate } = settings;
    const context = new CodecContext();
    context.allocContext3(present(Codec.findEncoderByName(FF_ENCODER_LIBX264), "libx264"));
    context.width = settings.width;
    context.height = settings.height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    context.timeBase = new AvRational(frameRate.denominator, frameRate.numerator);
    context.framerate = new AvRational(frameRate.numerator, frameRate.denominator);
    context.sampleAspectRatio = new AvRational(1, 1);
    context.colorSpace = AVCOL_SPC_BT709;
    context.colorPrimaries = AVCOL_PRI_BT709;
    context.colorTrc = AVCOL_TRC_BT709;
    context.colorRange = AVCOL_RANGE_MPEG;
    context.chromaLocation = AVCHROMA_LOC_LEFT;
    context.gopSize = settings.gopFrames;
    context.threadCount = 1;
    context.rcMaxRate = BigInt(x264.maxRateKbps * 1000);
    context.rcBufferSize = x264.bufferKbits * 1000;
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    context.setOption("preset", x264.preset);
    context.setOption("profile", "high");
    context.setOption("crf", String(x264.crf));
    context.setOption("sc_threshold", "0");
    // Measured on the pictures x264 has at hand anyway; the bytes it writes are the same with and without.
    context.setOption("ssim", "1");
    // A picture whose type is set to I becomes an IDR picture.
    context.setOption("forced-idr", "1");
    context.setOption("x264-params", x264Params({ ...x264.params, "vbv-init": BUFFER_AT_START }));
    const code = await context.open2(null, null);
    if (code < 0) context.freeContext();
    check(code, "opening the video encoder");
    return new VideoEncoder(context);
  }

  /** Fills in what a muxer has to know about the stream. */
  readonly describe = (parameters: CodecParameters): void => {
    check(parameters.fromContext(this.#context), "reading the encoder's parameters");
  };

  /** Encodes one frame (null: the end); the receiver owns the packets. */
  async encode(frame: Frame | null): Promise<Packet[]> {
    check(await this.#context.sendFrame(frame), "encoding video");
    const packets: Packet[] = [];
    for (;;) {
      const packet = new Packet();
      packet.alloc();
      // The work was done in sendFrame, on another thread; only the drain at the end works here.
      const code =
        frame === null
          ? await this.#context.receivePacket(packet)
          : this.#context.receivePacketSync(packet);
      if (code < 0) {
        packet.free();
        if (code !== AVERROR_EAGAIN && code !== AVERROR_EOF) check(code, "encoding video");
        return packets;
      }
      packets.push(packet);
    }
  }

  /** Closes it after the last picture; the mean SSIM of luma, null when it encoded nothing. */
  close(): Promise<number | null> {
    return closeWithSsim(() => this.#context.freeContext());
  }

  [Symbol.dispose](): void {
    this.#context.freeContext();
  }
}

/** `key=value` pairs joined by colons, the form of libx264's `x264-params` and of the ffmpeg command. */
export const x264Params = (params: Readonly<Record<string, number>>): string =>
  Object.entries(params)
    .map(([key, value]) => `${key}=${value}`)
    .join(":");
