import { AV_NOPTS_VALUE } from "node-av/constants";
import { avGetCodecName, avGetPixFmtName, type Stream } from "node-av/lib";
import type { Rational, VideoFacts } from "../source-facts.ts";
import { allowedDecoder } from "./allow-list.ts";
import { colourFacts } from "./colour-facts.ts";
import type { FirstPicture } from "./first-picture.ts";
import { geometryFacts } from "./geometry-facts.ts";
import type { MediaInput } from "./media-input.ts";
import { samplePictures } from "./sample-pictures.ts";

/** Codecs whose pictures are progressive, by their definition or in all that is ever found. */
const NEVER_INTERLACED = new Set(
  "vp8 vp9 av1 hevc mpeg1video h263 flv1 theora gif png apng webp_anim".split(" "),
);

/**
 * Containers in which a seek is cheap, because they have an index of every picture or are searched by
 * halving; in others it can mean reading everything up to the place.
 */
const CHEAPLY_SOUGHT = /^(mov|mpegts|mpeg)\b/;

/** The places of the file that are looked at beside its start, as parts of its length. */
const LATER_PLACES = [0.25, 0.5, 0.75] as const;

/** Shorter files are like their start. */
const SHORT_SECONDS = 20;

export type FoundVideo = VideoFacts & {
  readonly isAllowed: boolean;
  /** How long after the stream's start the first picture that can be decoded comes, in seconds. */
  readonly lateSeconds: number;
};

/** What a video stream's header says, and what its first packets show. */
export const videoFacts = async (input: MediaInput, stream: Stream): Promise<FoundVideo> => {
  const { codecpar } = stream;
  const codec = avGetCodecName(codecpar.codecId) ?? "unknown";
  const isAllowed = allowedDecoder(codec) !== null;
  const container = input.context.iformat?.name ?? "";
  const mayBeInterlaced = isAllowed && !NEVER_INTERLACED.has(codec);
  const sample = isAllowed
    ? await samplePictures(input, stream, {
        withFlags: mayBeInterlaced,
        laterSeconds: CHEAPLY_SOUGHT.test(container) ? laterPlaces(input) : [],
      })
    : { times: [], interlaced: false, first: null };
  return {
    isAllowed,
    lateSeconds: lateSeconds(stream, sample.first),
    streamIndex: stream.index,
    codec,
    ...geometryFacts(stream, sample.first),
    averageRate: rational(stream.avgFrameRate),
    baseRate: rational(stream.rFrameRate),
    pixelFormat:
      avGetPixFmtName((sample.first?.pixelFormat ?? codecpar.format) as never) ?? "unknown",
    ...colourFacts(stream, sample.first),
    interlaced: sample.interlaced,
    mayBeInterlaced,
    pictureTimes: sample.times,
    averageIsExact: container.startsWith("mov"),
  };
};

const rational = ({ num, den }: { num: number; den: number }): Rational => ({
  numerator: num,
  denominator: den,
});

/** A stream's start is its first packet's; the first picture comes later when packets before it cannot be decoded. */
const lateSeconds = ({ startTime, timeBase }: Stream, first: FirstPicture | null): number =>
  first === null || first.time === null || startTime === AV_NOPTS_VALUE
    ? 0
    : Math.max(0, (Number(first.time - startTime) * timeBase.num) / timeBase.den);

const laterPlaces = ({ context }: MediaInput): number[] => {
  const seconds = Number(context.duration) / 1e6;
  if (!(seconds > SHORT_SECONDS)) return [];
  const start = context.startTime === AV_NOPTS_VALUE ? 0 : Number(context.startTime) / 1e6;
  return LATER_PLACES.map((part) => start + part * seconds);
};
