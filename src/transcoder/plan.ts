import { chooseFrameRate } from "./frame-rate.ts";
import {
  AUDIO,
  GOP_SECONDS,
  GOPS_PER_SEGMENT,
  LADDER,
  LONG_SIDE_LIMIT,
  MAX_AUDIO_TRACKS,
  ROW_TOLERANCE,
  type X264Settings,
} from "./ladder.ts";
import { type Orientation, orientationOf } from "./orientation.ts";
import { type Rational, type SourceFacts, toNumber, type VideoFacts } from "./source-facts.ts";

/** Everything that decides what the segments contain; made from the facts alone. */
export type TranscodePlan = {
  readonly originSeconds: number;
  /** Constant rate of all rungs; picture `n` is shown at `n / frameRate`. */
  readonly frameRate: Rational;
  /** Ticks per second of the video tracks, and the length of one picture in it. */
  readonly timescale: number;
  readonly ticksPerFrame: number;
  readonly gopFrames: number;
  readonly segmentFrames: number;
  /** Expected number of pictures; null when the source does not say. Never a limit. */
  readonly expectedFrames: number | null;
  /** Pictures after which the source counts as too long. */
  readonly maxFrames: number;
  /** Number of the picture the poster is taken from, if the source is long enough to have it. */
  readonly posterFrame: number;
  readonly picture: PicturePlan;
  /** Lowest first. */
  readonly rungs: readonly RungPlan[];
  readonly audio: readonly AudioPlan[];
};

/** What happens to every picture once, before the rungs part. */
export type PicturePlan = {
  readonly streamIndex: number;
  readonly deinterlace: boolean;
  readonly toneMap: boolean;
  /** Matrix the source is converted from; null when it is BT.709 already. */
  readonly convertFrom: "bt601" | "bt2020" | null;
  readonly orientation: Orientation;
};

export type RungPlan = {
  /** Folder name: the ladder row's short side. */
  readonly id: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly x264: X264Settings;
};

export type AudioPlan = {
  readonly streamIndex: number;
  /** Folder name: the language, with a number where one occurs twice. */
  readonly id: string;
  readonly language: string;
  readonly channels: 1 | 2;
  readonly bitRate: number;
  readonly sampleRate: number;
};

/** Pictures up to this height without a tag are BT.601 by convention, higher ones BT.709. */
const SD_HEIGHT_LIMIT = 719;

/** The poster: a tenth into the film, past the fade from black, but within the first seconds of work. */
const POSTER = { fraction: 0.1, latestSeconds: 20, unknownSeconds: 1 } as const;

const MIN_TIMESCALE = 10_000;

/** Turns facts into a plan; pure. `maxDurationSeconds` is a cap on what will be made of it. */
export const planTranscode = (
  source: SourceFacts,
  { maxDurationSeconds }: { maxDurationSeconds: number },
): TranscodePlan => {
  const { video } = source;
  const frameRate = chooseFrameRate(video.averageRate, video.baseRate);
  const rate = toNumber(frameRate);
  const gopFrames = Math.max(1, Math.round(rate * GOP_SECONDS));
  const scale = frameRate.numerator >= MIN_TIMESCALE ? 1 : 1000;
  const seconds = source.durationSeconds;
  return {
    originSeconds: source.originSeconds,
    frameRate,
    timescale: frameRate.numerator * scale,
    ticksPerFrame: frameRate.denominator * scale,
    gopFrames,
    segmentFrames: gopFrames * GOPS_PER_SEGMENT,
    expectedFrames: seconds === null ? null : Math.max(1, Math.round(seconds * rate)),
    maxFrames: Math.ceil(maxDurationSeconds * rate),
    posterFrame: Math.floor(
      rate *
        (seconds === null
          ? POSTER.unknownSeconds
          : Math.min(seconds * POSTER.fraction, POSTER.latestSeconds)),
    ),
    picture: planPicture(video),
    rungs: planRungs(displaySize(video)),
    audio: planAudio(source),
  };
};

const planPicture = (video: VideoFacts): PicturePlan => {
  const isSd = Math.min(video.width, video.height) <= SD_HEIGHT_LIMIT;
  const matrix = video.matrix === "unknown" ? (isSd ? "bt601" : "bt709") : video.matrix;
  return {
    streamIndex: video.streamIndex,
    deinterlace: video.interlaced,
    toneMap: video.transfer !== "sdr",
    convertFrom: matrix === "bt709" ? null : matrix,
    orientation: orientationOf(video.displayMatrix),
  };
};

type Size = { readonly width: number; readonly height: number };

/** The size at which the picture is meant to be seen: square pixels, upright. The height is kept, the width stretched. */
export const displaySize = (video: VideoFacts): Size => {
  const aspect = toNumber(video.sampleAspect);
  const width = aspect > 0 ? video.width * aspect : video.width;
  return orientationOf(video.displayMatrix).swapsSides
    ? { width: video.height, height: width }
    : { width, height: video.height };
};

/** Rungs from the lowest up to the source's own size, never above it; always at least one. */
export const planRungs = (display: Size): RungPlan[] => {
  const shortSide = Math.min(display.width, display.height);
  const fitting = LADDER.filter((row) => shortSide >= row.shortSide * ROW_TOLERANCE);
  const rows = fitting.length > 0 ? fitting : LADDER.slice(0, 1);
  const rungs = rows.map((row) => {
    const size = scaleTo(display, Math.min(row.shortSide, shortSide));
    const own = Math.min(size.width, size.height);
    const name = fitting.length > 0 ? row.shortSide : own;
    return { id: String(row.shortSide), name: `${name}p`, ...size, x264: row.x264 };
  });
  // The limit of the long side can bring two rows of a very wide picture to the same size.
  return rungs.filter(({ width }, index) => width !== rungs[index - 1]?.width);
};

const scaleTo = (display: Size, shortSide: number): Size => {
  const longest = Math.max(display.width, display.height);
  const factor = Math.min(
    shortSide / Math.min(display.width, display.height),
    LONG_SIDE_LIMIT / longest,
  );
  return {
    width: evenSize(display.width * factor, display.width),
    height: evenSize(display.height * factor, display.height),
  };
};

/** 4:2:0 needs even sides: the nearest even number that is not above `limit`, and never nothing. */
const evenSize = (pixels: number, limit: number): number =>
  Math.max(2, Math.min(2 * Math.round(pixels / 2), 2 * Math.floor((limit + 1e-6) / 2)));

const planAudio = ({ audio }: SourceFacts): AudioPlan[] => {
  const seen = new Map<string, number>();
  return audio.slice(0, MAX_AUDIO_TRACKS).map(({ streamIndex, language, channels }) => {
    const count = (seen.get(language) ?? 0) + 1;
    seen.set(language, count);
    return {
      streamIndex,
      id: count === 1 ? language : `${language}-${count}`,
      language,
      channels: channels === 1 ? 1 : 2,
      bitRate: 1000 * (channels === 1 ? AUDIO.monoKbps : AUDIO.stereoKbps),
      sampleRate: AUDIO.sampleRate,
    };
  });
};
