import { AV_PKT_DATA_DISPLAYMATRIX, AV_PKT_DATA_FRAME_CROPPING } from "node-av/constants";
import type { Stream } from "node-av/lib";
import type { Crop, Rational, VideoFacts } from "../source-facts.ts";
import { type FirstPicture, matrixFrom } from "./first-picture.ts";

type GeometryFacts = Pick<
  VideoFacts,
  "width" | "height" | "sampleAspect" | "displayMatrix" | "crop"
>;

/**
 * Size, crop, pixel shape and orientation from wherever they are stored. The container goes before
 * the codec, as for players, but for the size: only the decoded picture knows the real one.
 */
export const geometryFacts = (stream: Stream, first: FirstPicture | null): GeometryFacts => {
  const { codecpar } = stream;
  const { width, height } = first ?? codecpar;
  const aspects = [stream.sampleAspectRatio, codecpar.sampleAspectRatio].map(rational);
  return {
    width,
    height,
    sampleAspect:
      [...aspects, ...(first === null ? [] : [first.sampleAspect])].find(isSet) ?? UNKNOWN,
    displayMatrix: first?.displayMatrix ?? containerMatrix(stream) ?? rotateTag(stream),
    crop: cropOf(stream, width, height),
  };
};

const UNKNOWN: Rational = { numerator: 0, denominator: 1 };

const rational = ({ num, den }: { num: number; den: number }): Rational => ({
  numerator: num,
  denominator: den,
});

const isSet = ({ numerator, denominator }: Rational): boolean => numerator > 0 && denominator > 0;

const sideData = (stream: Stream, type: number): Buffer | undefined =>
  stream.codecpar.getAllCodedSideData().find((each) => each.type === type)?.data;

const containerMatrix = (stream: Stream): number[] | null =>
  matrixFrom(sideData(stream, AV_PKT_DATA_DISPLAYMATRIX));

/** Matrices of the `rotate` tag, which counts clockwise (16.16 fixed point, ISO/IEC 14496-12, 8.3.2). */
const ONE = 65536;
const TURNS: Readonly<Record<string, readonly number[]>> = {
  "90": [0, ONE, 0, -ONE, 0, 0, 0, 0, ONE],
  "180": [-ONE, 0, 0, 0, -ONE, 0, 0, 0, ONE],
  "270": [0, -ONE, 0, ONE, 0, 0, 0, 0, ONE],
};

/** Old tools wrote a metadata tag where there was no matrix, in Matroska for example. */
const rotateTag = (stream: Stream): readonly number[] | null =>
  TURNS[stream.metadata?.get("rotate") ?? stream.metadata?.get("ROTATE") ?? ""] ?? null;

/**
 * The part that is meant to be seen: Matroska's PixelCrop elements (RFC 9559, 5.1.4.1.28.9) and
 * QuickTime's clean aperture. Four little-endian numbers: top, bottom, left, right. What the codec
 * itself crops, its decoder has cropped.
 */
const cropOf = (stream: Stream, width: number, height: number): Crop | null => {
  const data = sideData(stream, AV_PKT_DATA_FRAME_CROPPING);
  if (data === undefined || data.length < 16) return null;
  const [top = 0, bottom = 0, left = 0, right = 0] = [0, 4, 8, 12].map((at) =>
    data.readUInt32LE(at),
  );
  if (top + bottom + left + right === 0) return null;
  return top + bottom < height && left + right < width ? { top, bottom, left, right } : null;
};
