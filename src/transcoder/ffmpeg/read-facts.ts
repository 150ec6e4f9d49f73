import {
  AV_DISPOSITION_ATTACHED_PIC,
  AV_FRAME_FLAG_INTERLACED,
  AV_NOPTS_VALUE,
  AV_PKT_DATA_DISPLAYMATRIX,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT470BG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_BT2020_CL,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_SMPTE170M,
  AVCOL_TRC_ARIB_STD_B67,
  AVCOL_TRC_SMPTE2084,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from "node-av/constants";
import { avGetCodecName, avGetPixFmtName, Packet, type Stream } from "node-av/lib";
import type { AudioFacts, Rational, VideoFacts } from "../source-facts.ts";
import { allowedDecoder } from "./allow-list.ts";
import { Decoder } from "./decoder.ts";
import type { MediaInput } from "./media-input.ts";

/** What the container says, before anything is judged. */
export type ContainerFacts = {
  readonly container: string;
  /** Length in the header, in seconds; null without one. */
  readonly durationSeconds: number | null;
  readonly originSeconds: number;
  readonly streamCount: number;
  /** The first real video stream; null without one. Cover pictures do not count. */
  readonly video: (VideoFacts & { readonly isAllowed: boolean }) | null;
  readonly audio: readonly (AudioFacts & { readonly isAllowed: boolean })[];
};

/** Packets within which the first picture must show whether the source is interlaced. */
const PEEK_PACKETS = 64;

/** Codecs that carry interlaced pictures in practice. */
const MAYBE_INTERLACED = new Set(["h264", "mpeg2video", "prores", "dvvideo", "dnxhd"]);

/** Reads everything `plan` will ask for. At most one picture is decoded. */
export const readFacts = async (input: MediaInput): Promise<ContainerFacts> => {
  const { context } = input;
  const streams = context.streams;
  const videoStream = streams.find(
    (stream) => isKind(stream, AVMEDIA_TYPE_VIDEO) && !isCover(stream),
  );
  const audioStreams = streams.filter((stream) => isKind(stream, AVMEDIA_TYPE_AUDIO));
  const used = [...(videoStream === undefined ? [] : [videoStream]), ...audioStreams];
  return {
    container: context.iformat?.name ?? "unknown",
    durationSeconds: positive(secondsOf(context.duration, 1e-6)),
    originSeconds: earliestStart(used),
    streamCount: context.nbStreams,
    video: videoStream === undefined ? null : await videoFacts(input, videoStream),
    audio: audioStreams.map(audioFacts),
  };
};

/** Time of the first video packet at or after the keyframe before `seconds`, or null at the end. */
export const keyframeTimeBefore = async (
  input: MediaInput,
  streamIndex: number,
  seconds: number,
): Promise<number | null> => {
  const stream = input.stream(streamIndex);
  const tick = stream.timeBase.num / stream.timeBase.den;
  if (!(await input.seek(streamIndex, BigInt(Math.floor(seconds / tick))))) return null;
  using packet = new Packet();
  packet.alloc();
  for (let read = 0; read < 1000 && (await input.read(packet)); read += 1) {
    const { streamIndex: index, pts } = packet;
    packet.unref();
    if (index === streamIndex && pts !== AV_NOPTS_VALUE) return Number(pts) * tick;
  }
  return null;
};

const isKind = (stream: Stream, kind: number): boolean => stream.codecpar.codecType === kind;

const isCover = (stream: Stream): boolean => stream.hasDisposition(AV_DISPOSITION_ATTACHED_PIC);

const secondsOf = (ticks: bigint, tick: number): number | null =>
  ticks === AV_NOPTS_VALUE ? null : Number(ticks) * tick;

const positive = (seconds: number | null): number | null =>
  seconds !== null && seconds > 0 ? seconds : null;

const earliestStart = (streams: readonly Stream[]): number => {
  const starts = streams
    .map((stream) => secondsOf(stream.startTime, stream.timeBase.num / stream.timeBase.den))
    .filter((start) => start !== null);
  return starts.length === 0 ? 0 : Math.min(...starts);
};

const videoFacts = async (
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

const audioFacts = (stream: Stream): AudioFacts & { isAllowed: boolean } => {
  const codec = avGetCodecName(stream.codecpar.codecId) ?? "unknown";
  return {
    isAllowed: allowedDecoder(codec) !== null,
    streamIndex: stream.index,
    codec,
    language: languageCode(stream.metadata?.get("language") ?? ""),
    channels: stream.codecpar.channels,
  };
};

/** Containers hold ISO 639-2 codes; only what looks like one may become part of a name or a manifest. */
const languageCode = (value: string): string =>
  /^[a-z]{2,3}$/i.test(value) ? value.toLowerCase() : "und";
