import {
  AV_FRAME_FLAG_INTERLACED,
  AV_PKT_DATA_DISPLAYMATRIX,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT470BG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_BT2020_CL,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_SMPTE170M,
  AVCOL_TRC_ARIB_STD_B67,
  AVCOL_TRC_SMPTE2084,
} from "node-av/constants";
import { avGetCodecName, avGetPixFmtName, Packet, type Stream } from "node-av/lib";
import type { Rational, VideoFacts } from "../source-facts.ts";
import { allowedDecoder } from "./allow-list.ts";
import { Decoder } from "./decoder.ts";
import type { MediaInput } from "./media-input.ts";

/** Packets within which the first picture must show whether the source is interlaced. */
const PEEK_PACKETS = 64;

/** Codecs that carry interlaced pictures in practice. */
const MAYBE_INTERLACED = new Set(["h264", "mpeg2video", "prores", "dvvideo", "dnxhd"]);

/** What a video stream's header says, and whether its first picture is interlaced. */
export const videoFacts = async (
  input: MediaInput,
  stream: Stream,
): Promise<VideoFacts & { isAllowed: boolean }> => {
  const { codecpar } = stream;
  const codec = avGetCodecName(codecpar.codecId) ?? "unknown";
  const isAllowed = allowedDecoder(codec) !== null;
  return {
    isAllowed,
    streamIndex: stream.index,
    codec,
    width: codecpar.width,
    height: codecpar.height,
    sampleAspect: rational(
      stream.sampleAspectRatio.num > 0 ? stream.sampleAspectRatio : codecpar.sampleAspectRatio,
    ),
    displayMatrix: displayMatrix(stream),
    averageRate: rational(stream.avgFrameRate),
    baseRate: rational(stream.rFrameRate),
    pixelFormat: avGetPixFmtName(codecpar.format as never) ?? "unknown",
    fullRange: codecpar.colorRange === AVCOL_RANGE_JPEG,
    matrix: matrixOf(codecpar.colorSpace),
    transfer: transferOf(codecpar.colorTrc),
    interlaced:
      isAllowed && MAYBE_INTERLACED.has(codec) && (await isFirstPictureInterlaced(input, stream)),
  };
};

const rational = ({ num, den }: { num: number; den: number }): Rational => ({
  numerator: num,
  denominator: den,
});

const matrixOf = (space: number): VideoFacts["matrix"] => {
  if (space === AVCOL_SPC_BT709) return "bt709";
  if (space === AVCOL_SPC_BT470BG || space === AVCOL_SPC_SMPTE170M) return "bt601";
  if (space === AVCOL_SPC_BT2020_NCL || space === AVCOL_SPC_BT2020_CL) return "bt2020";
  return "unknown";
};

const transferOf = (trc: number): VideoFacts["transfer"] => {
  if (trc === AVCOL_TRC_SMPTE2084) return "pq";
  return trc === AVCOL_TRC_ARIB_STD_B67 ? "hlg" : "sdr";
};

/** Nine native-endian 32-bit numbers (libavutil/display.h); every platform we build for is little-endian. */
const displayMatrix = (stream: Stream): number[] | null => {
  const data = stream.codecpar
    .getAllCodedSideData()
    .find(({ type }) => type === AV_PKT_DATA_DISPLAYMATRIX)?.data;
  if (data === undefined || data.length < 36) return null;
  return Array.from({ length: 9 }, (_, index) => data.readInt32LE(index * 4));
};

const isFirstPictureInterlaced = async (input: MediaInput, stream: Stream): Promise<boolean> => {
  using decoder = await Decoder.open(stream, 1);
  using packet = new Packet();
  packet.alloc();
  for (let read = 0; read < PEEK_PACKETS && (await input.read(packet)); read += 1) {
    if (packet.streamIndex === stream.index) {
      for await (const frame of decoder.decode(packet)) {
        const interlaced = frame.hasFlags(AV_FRAME_FLAG_INTERLACED);
        frame.free();
        packet.unref();
        return interlaced;
      }
    }
    packet.unref();
  }
  return false;
};
