import {
  AV_CODEC_FLAG_QSCALE,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  FF_ENCODER_MJPEG,
} from "node-av/constants";
import { Codec, CodecContext, type Frame, Packet, Rational } from "node-av/lib";
import { check, present } from "./check.ts";
import { formatOf, PictureGraph } from "./picture-graph.ts";

/** MJPEG's quantiser, 2 (best) to 31; 4 shows no blocks and keeps a 720p poster near 100 kB. */
const QUALITY = 4;
const FF_QP2LAMBDA = 118;

/** A JPEG of the frame, which stays the caller's. */
export const encodePoster = async (frame: Frame): Promise<Uint8Array> => {
  using graph = await PictureGraph.open(
    formatOf(frame),
    "[in]scale=out_range=pc:in_color_matrix=bt709:out_color_matrix=bt601,format=yuvj420p[out]",
    ["out"],
  );
  const picture = present((await graph.push(frame))[0]?.[0], "the poster's picture");
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
    context.globalQuality = QUALITY * FF_QP2LAMBDA;
    context.setFlags(AV_CODEC_FLAG_QSCALE);
    check(await context.open2(null, null), "opening the poster's encoder");
    picture.quality = QUALITY * FF_QP2LAMBDA;
    check(await context.sendFrame(picture), "encoding the poster");
    check(await context.receivePacket(packet), "encoding the poster");
    return new Uint8Array(present(packet.data, "the poster's bytes"));
  } finally {
    picture.free();
    packet.free();
  }
};
