import { AV_FRAME_DATA_DISPLAYMATRIX, AV_NOPTS_VALUE } from "node-av/constants";
import type { Frame } from "node-av/lib";
import type { Rational } from "../source-facts.ts";
import { peakOfFrame } from "./colour-facts.ts";

/** What only a decoded picture tells: containers can be silent or wrong about all of it. */
export type FirstPicture = {
  /** When it is shown, in ticks of the stream; null where nobody knows. */
  readonly time: bigint | null;
  readonly width: number;
  readonly height: number;
  /** The codec's own sample aspect; 0 where it says nothing. */
  readonly sampleAspect: Rational;
  /** From the container, or from the stream itself (H.264 and HEVC display orientation, Exif). */
  readonly displayMatrix: readonly number[] | null;
  /** AVPixelFormat number. */
  readonly pixelFormat: number;
  /** Brightest that its metadata says the source gets, in cd/m²; null where it has none. */
  readonly peakNits: number | null;
};

/** The frame stays the caller's. */
export const firstPicture = (frame: Frame): FirstPicture => {
  const { num, den } = frame.sampleAspectRatio;
  const time = frame.bestEffortTimestamp;
  return {
    time: time === AV_NOPTS_VALUE ? null : time,
    width: frame.width,
    height: frame.height,
    sampleAspect: { numerator: num, denominator: den },
    displayMatrix: matrixFrom(frame.getSideData(AV_FRAME_DATA_DISPLAYMATRIX)),
    pixelFormat: frame.format,
    peakNits: peakOfFrame(frame),
  };
};

/** Nine native-endian 32-bit numbers (libavutil/display.h); every platform we build for is little-endian. */
export const matrixFrom = (data: Buffer | null | undefined): number[] | null =>
  data === null || data === undefined || data.length < 36
    ? null
    : Array.from({ length: 9 }, (_, index) => data.readInt32LE(index * 4));
