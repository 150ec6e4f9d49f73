import { BitReader } from "./bit-reader.ts";
import { nalUnit, payloadOf } from "./nal-units.ts";

/** What a sequence parameter set says (ITU-T H.264 §7.3.2.1). */
export type SequenceParameters = {
  readonly profile: number;
  readonly compatibility: number;
  readonly level: number;
  readonly id: number;
  /** 1 is 4:2:0. */
  readonly chromaFormat: number;
  readonly bitDepth: number;
  readonly frameNumBits: number;
  readonly orderCountType: number;
  readonly orderCountBits: number;
  readonly referenceFrames: number;
  readonly widthInMacroblocks: number;
  /** Of a frame. */
  readonly heightInMacroblocks: number;
  readonly isProgressive: boolean;
  /** Pixels after cropping. */
  readonly width: number;
  readonly height: number;
  readonly vui: VideoUsability | null;
};

/** The part of Annex E that the rules use; null where the stream does not say. */
export type VideoUsability = {
  readonly sampleAspect: readonly [number, number] | null;
  readonly isFullRange: boolean | null;
  readonly colour: {
    readonly primaries: number;
    readonly transfer: number;
    readonly matrix: number;
  } | null;
  readonly timing: {
    readonly unitsInTick: number;
    readonly timescale: number;
    readonly isFixed: boolean;
  } | null;
  /** Frames the decoder has to hold back. */
  readonly reorderFrames: number | null;
  readonly bufferedFrames: number | null;
};

/** Profiles that carry chroma format and bit depth (§7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** Table E-1. */
const SAMPLE_ASPECTS: readonly (readonly [number, number])[] = [
  ...([
    [0, 0],
    [1, 1],
    [12, 11],
    [10, 11],
    [16, 11],
    [40, 33],
    [24, 11],
    [20, 11],
  ] as const),
  ...([
    [32, 11],
    [80, 33],
    [18, 11],
    [15, 11],
    [64, 33],
    [160, 99],
    [4, 3],
    [3, 2],
    [2, 1],
  ] as const),
];

export const readSequenceParameters = (bytes: Uint8Array): SequenceParameters => {
  const reader = new BitReader(payloadOf(nalUnit(bytes)));
  const profile = reader.bits(8);
  const compatibility = reader.bits(8);
  const level = reader.bits(8);
  const id = reader.ue();
  const { chromaFormat, bitDepth } = HIGH_PROFILES.has(profile)
    ? readHighProfile(reader)
    : { chromaFormat: 1, bitDepth: 8 };
  const frameNumBits = reader.ue() + 4;
  const orderCountType = reader.ue();
  const orderCountBits = readOrderCount(reader, orderCountType);
  const referenceFrames = reader.ue();
  reader.flag(); // gaps in frame_num
  const widthInMacroblocks = reader.ue() + 1;
  const heightInUnits = reader.ue() + 1;
  const isProgressive = reader.flag();
  if (!isProgressive) reader.flag();
  const heightInMacroblocks = heightInUnits * (isProgressive ? 1 : 2);
  reader.flag(); // direct_8x8_inference
  const crop = reader.flag()
    ? { left: reader.ue(), right: reader.ue(), top: reader.ue(), bottom: reader.ue() }
    : { left: 0, right: 0, top: 0, bottom: 0 };
  const cropX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const cropY = (chromaFormat === 1 ? 2 : 1) * (isProgressive ? 1 : 2);
  return {
    ...{ profile, compatibility, level, id, chromaFormat, bitDepth, frameNumBits },
    ...{ orderCountType, orderCountBits, referenceFrames, widthInMacroblocks },
    ...{ heightInMacroblocks, isProgressive },
    width: widthInMacroblocks * 16 - cropX * (crop.left + crop.right),
    height: heightInMacroblocks * 16 - cropY * (crop.top + crop.bottom),
    vui: reader.flag() ? readUsability(reader) : null,
  };
};

const readHighProfile = (reader: BitReader): { chromaFormat: number; bitDepth: number } => {
  const chromaFormat = reader.ue();
  if (chromaFormat === 3) reader.flag();
  const bitDepth = 8 + reader.ue();
  reader.ue(); // chroma's depth
  reader.flag();
  if (reader.flag()) {
    for (let list = 0; list < (chromaFormat === 3 ? 12 : 8); list += 1) {
      if (reader.flag()) skipScalingList(reader, list < 6 ? 16 : 64);
    }
  }
  return { chromaFormat, bitDepth };
};

/** §7.3.2.1.1.1. */
const skipScalingList = (reader: BitReader, size: number): void => {
  let last = 8;
  let next = 8;
  for (let index = 0; index < size; index += 1) {
    if (next !== 0) next = (last + reader.se() + 256) % 256;
    last = next === 0 ? last : next;
  }
};

const readOrderCount = (reader: BitReader, type: number): number => {
  if (type === 0) return reader.ue() + 4;
  if (type === 1) {
    reader.flag();
    reader.se();
    reader.se();
    for (let left = reader.ue(); left > 0; left -= 1) reader.se();
  }
  return 0;
};

/** §E.1.1. */
const readUsability = (reader: BitReader): VideoUsability => {
  const sampleAspect = reader.flag() ? readSampleAspect(reader) : null;
  if (reader.flag()) reader.flag(); // overscan
  let isFullRange: boolean | null = null;
  let colour: VideoUsability["colour"] = null;
  if (reader.flag()) {
    reader.bits(3); // video format
    isFullRange = reader.flag();
    if (reader.flag()) {
      colour = { primaries: reader.bits(8), transfer: reader.bits(8), matrix: reader.bits(8) };
    }
  }
  if (reader.flag()) {
    reader.ue(); // chroma's place in both fields
    reader.ue();
  }
  const timing = reader.flag()
    ? { unitsInTick: reader.bits(32), timescale: reader.bits(32), isFixed: reader.flag() }
    : null;
  const hasNalHrd = reader.flag();
  if (hasNalHrd) skipHrd(reader);
  const hasVclHrd = reader.flag();
  if (hasVclHrd) skipHrd(reader);
  if (hasNalHrd || hasVclHrd) reader.flag();
  reader.flag(); // picture structure
  let reorderFrames: number | null = null;
  let bufferedFrames: number | null = null;
  if (reader.flag()) {
    reader.flag();
    for (let field = 0; field < 4; field += 1) reader.ue();
    reorderFrames = reader.ue();
    bufferedFrames = reader.ue();
  }
  return { sampleAspect, isFullRange, colour, timing, reorderFrames, bufferedFrames };
};

const readSampleAspect = (reader: BitReader): readonly [number, number] | null => {
  const index = reader.bits(8);
  return index === 255 ? [reader.bits(16), reader.bits(16)] : (SAMPLE_ASPECTS[index] ?? null);
};

/** §E.1.2. */
const skipHrd = (reader: BitReader): void => {
  const count = reader.ue() + 1;
  reader.bits(8);
  for (let index = 0; index < count; index += 1) {
    reader.ue();
    reader.ue();
    reader.flag();
  }
  reader.bits(20);
};
