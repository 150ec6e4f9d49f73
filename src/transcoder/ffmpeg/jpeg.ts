import {
  AV_CODEC_FLAG_QSCALE,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  FF_ENCODER_MJPEG,
} from "node-av/constants";
import { Codec, CodecContext, type Frame, Packet, Rational } from "node-av/lib";
import { check, present } from "./check.ts";

/** `FF_QP2LAMBDA` of libavutil: quantisers are given in units of lambda. */
const QP_TO_LAMBDA = 118;

/** Filters that bring a picture of a rung to what JPEG means (JFIF: full range, BT.601), at the size of `scale`. */
export const jpegFilters = (scale = ""): string =>
  `scale=${scale}${scale === "" ? "" : ":"}out_range=pc:in_color_matrix=bt709:out_color_matrix=bt601,format=yuvj420p`;

/**
 * A JPEG of a picture that went through `jpegFilters`; the frame stays the caller's.
 * @param quantiser MJPEG's, 2 (best) to 31
 */
export const encodeJpeg = async (picture: Frame, quantiser: number): Promise<Uint8Array> => {
  using context = new CodecContext();
  const packet = new Packet();
  packet.alloc();
  try {
    context.allocContext3(present(Codec.findEncoderByName(FF_ENCODER_MJPEG), "mjpeg"));
    context.width = picture.width;
    context.height = picture.height;
    context.pixelFormat = AV_PIX_FMT_YUVJ420P;
    context.colorRange = AVCOL_RANGE_JPEG;
    context.timeBase = new Rational(1, 1);
    context.threadCount = 1;
    context.globalQuality = quantiser * QP_TO_LAMBDA;
    context.setFlags(AV_CODEC_FLAG_QSCALE);
    check(await context.open2(null, null), "opening the JPEG encoder");
    picture.quality = quantiser * QP_TO_LAMBDA;
    check(await context.sendFrame(picture), "encoding a JPEG");
    check(await context.receivePacket(packet), "encoding a JPEG");
    return new Uint8Array(present(packet.data, "the JPEG's bytes"));
  } finally {
    packet.free();
  }
};
