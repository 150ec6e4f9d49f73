import {
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_DEFAULT,
  AV_DISPOSITION_STILL_IMAGE,
  AV_DISPOSITION_TIMED_THUMBNAILS,
  AV_NOPTS_VALUE,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from "node-av/constants";
import { avGetCodecName, Packet, type Stream } from "node-av/lib";
import { chooseVideo, type VideoCandidate, type VideoChoice } from "../plan/choose-video.ts";
import type { AudioFacts, TextFacts } from "../source-facts.ts";
import { allowedDecoder } from "./allow-list.ts";
import { audioFacts } from "./audio-facts.ts";
import type { MediaInput } from "./media-input.ts";
import { textFacts } from "./text-facts.ts";
import { type FoundVideo, videoFacts } from "./video-facts.ts";

/** What the container says, before anything is judged. */
export type ContainerFacts = {
  readonly container: string;
  /** Length in the header, in seconds; null without one. */
  readonly durationSeconds: number | null;
  readonly originSeconds: number;
  readonly streamCount: number;
  /** Which video stream was taken, and what else there was. */
  readonly choice: VideoChoice;
  /** The chosen video stream; null without one. */
  readonly video: FoundVideo | null;
  readonly audio: readonly (AudioFacts & { readonly isAllowed: boolean })[];
  readonly text: readonly TextFacts[];
  /** Text streams that cannot be read. */
  readonly unsupportedText: number;
};

/** Reads everything `plan` will ask for. At most one picture is decoded. */
export const readFacts = async (input: MediaInput): Promise<ContainerFacts> => {
  const { context } = input;
  const streams = context.streams;
  const choice = chooseVideo(
    streams.filter((stream) => isKind(stream, AVMEDIA_TYPE_VIDEO)).map(candidateOf),
  );
  const videoStream = streams.find(({ index }) => index === choice.chosen?.streamIndex);
  const audioStreams = streams.filter((stream) => isKind(stream, AVMEDIA_TYPE_AUDIO));
  const used = [...(videoStream === undefined ? [] : [videoStream]), ...audioStreams];
  const { text, unsupported } = textFacts(streams);
  return {
    text,
    unsupportedText: unsupported,
    container: context.iformat?.name ?? "unknown",
    durationSeconds: positive(secondsOf(context.duration, 1e-6)),
    originSeconds: earliestStart(used),
    streamCount: context.nbStreams,
    choice,
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

const candidateOf = (stream: Stream): VideoCandidate => {
  const codec = avGetCodecName(stream.codecpar.codecId) ?? "unknown";
  return {
    streamIndex: stream.index,
    codec,
    width: stream.codecpar.width,
    height: stream.codecpar.height,
    isCover: COVERS.some((disposition) => stream.hasDisposition(disposition)),
    isDefault: stream.hasDisposition(AV_DISPOSITION_DEFAULT),
    isAllowed: allowedDecoder(codec) !== null,
  };
};

const COVERS = [
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_STILL_IMAGE,
  AV_DISPOSITION_TIMED_THUMBNAILS,
];

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
