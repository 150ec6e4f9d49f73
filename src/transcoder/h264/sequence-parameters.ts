import { BitReader } from "./bit-reader.ts";

/** What a sequence parameter set says about every picture of a stream (ITU-T H.264, 7.3.2.1.1 and E.1.1). */
export type SequenceParameters = {
  /** `profile_idc`: 66 Baseline, 77 Main, 100 High. */
  readonly profile: number;
  /** `constraint_set1_flag`: also a Main stream, so that a Baseline one is Constrained Baseline. */
  readonly isMainToo: boolean;
  /** `level_idc`: ten times the level. */
  readonly level: number;
  /** `chroma_format_idc`: 1 is 4:2:0. */
  readonly chromaFormat: number;
  readonly lumaBits: number;
  readonly chromaBits: number;
  /** `frame_mbs_only_flag`: no field and no interlaced macroblock anywhere in the stream. */
  readonly isProgressive: boolean;
  /** Coded size in macroblocks of 16x16. */
  readonly macroblocks: { readonly wide: number; readonly high: number };
  /** Size after cropping, in pixels. */
  readonly width: number;
  readonly height: number;
  /** `sar_width` and `sar_height`; null where nothing is said. */
  readonly sampleAspect: { readonly width: number; readonly height: number } | null;
  readonly fullRange: boolean;
  /** Numbers of tables E-3 to E-5: 1 is BT.709, 2 says nothing. */
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
};

/** Profiles whose sets carry a chroma format (7.3.2.1.1). */
const WITH_CHROMA_FORMAT = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** `aspect_ratio_idc` of a ratio that is spelled out (table E-1); 1 is 1:1, 0 says nothing. */
const EXTENDED_SAR = 255;

const UNSPECIFIED = 2;

/** Reads a set from its NAL unit; null when it is cut off or makes no sense. */
export const readSequenceParameters = (unit: Uint8Array): SequenceParameters | null => {
  try {
    return read(new BitReader(unit.subarray(1)));
  } catch (thrown) {
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
};

const read = (bits: BitReader): SequenceParameters => {
  const profile = bits.bits(8);
  const constraints = bits.bits(8);
  const level = bits.bits(8);
  bits.unsigned(); // seq_parameter_set_id
  const format = WITH_CHROMA_FORMAT.has(profile) ? readFormat(bits) : EIGHT_BIT_420;
  bits.unsigned(); // log2_max_frame_num_minus4
  skipPictureOrder(bits);
  bits.unsigned(); // max_num_ref_frames
  bits.bit(); // gaps_in_frame_num_value_allowed_flag
  const wide = bits.unsigned() + 1;
  const mapUnitsHigh = bits.unsigned() + 1;
  const isProgressive = bits.bit() === 1;
  if (!isProgressive) bits.bit(); // mb_adaptive_frame_field_flag
  bits.bit(); // direct_8x8_inference_flag
  const high = mapUnitsHigh * (isProgressive ? 1 : 2);
  const crop = bits.bit() === 1 ? readCrop(bits, format.chromaFormat, isProgressive) : NO_CROP;
  const usability = bits.bit() === 1 ? readUsability(bits) : NOTHING_SAID;
  return {
    profile,
    isMainToo: (constraints & 0x40) !== 0,
    level,
    ...format,
    isProgressive,
    macroblocks: { wide, high },
    width: wide * 16 - crop.horizontal,
    height: high * 16 - crop.vertical,
    ...usability,
  };
};

const EIGHT_BIT_420 = { chromaFormat: 1, lumaBits: 8, chromaBits: 8 } as const;

const readFormat = (bits: BitReader) => {
  const chromaFormat = bits.unsigned();
  if (chromaFormat === 3) bits.bit(); // separate_colour_plane_flag
  const lumaBits = bits.unsigned() + 8;
  const chromaBits = bits.unsigned() + 8;
  bits.bit(); // qpprime_y_zero_transform_bypass_flag
  if (bits.bit() === 1) {
    const lists = chromaFormat === 3 ? 12 : 8;
    for (let list = 0; list < lists; list += 1) {
      if (bits.bit() === 1) skipScalingList(bits, list < 6 ? 16 : 64);
    }
  }
  return { chromaFormat, lumaBits, chromaBits };
};

/** 7.3.2.1.1.1 */
const skipScalingList = (bits: BitReader, size: number): void => {
  let last = 8;
  let next = 8;
  for (let index = 0; index < size; index += 1) {
    if (next !== 0) next = (last + bits.signed() + 256) % 256;
    last = next === 0 ? last : next;
  }
};

const skipPictureOrder = (bits: BitReader): void => {
  const type = bits.unsigned();
  if (type === 0) bits.unsigned(); // log2_max_pic_order_cnt_lsb_minus4
  if (type !== 1) return;
  bits.bit(); // delta_pic_order_always_zero_flag
  bits.signed(); // offset_for_non_ref_pic
  bits.signed(); // offset_for_top_to_bottom_field
  const cycle = bits.unsigned();
  for (let index = 0; index < cycle; index += 1) bits.signed();
};

const NO_CROP = { horizontal: 0, vertical: 0 } as const;

/** 7.4.2.1.1: in units of a chroma sample, and of a line of each field. */
const readCrop = (bits: BitReader, chromaFormat: number, isProgressive: boolean) => {
  const across = bits.unsigned() + bits.unsigned();
  const down = bits.unsigned() + bits.unsigned();
  const unitAcross = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const unitDown = (chromaFormat === 1 ? 2 : 1) * (isProgressive ? 1 : 2);
  return { horizontal: across * unitAcross, vertical: down * unitDown };
};

type Usability = Pick<
  SequenceParameters,
  "sampleAspect" | "fullRange" | "primaries" | "transfer" | "matrix"
>;

const NOTHING_SAID: Usability = {
  sampleAspect: null,
  fullRange: false,
  primaries: UNSPECIFIED,
  transfer: UNSPECIFIED,
  matrix: UNSPECIFIED,
};

/** E.1.1, as far as it is wanted. */
const readUsability = (bits: BitReader): Usability => {
  const sampleAspect = bits.bit() === 1 ? readSampleAspect(bits) : null;
  if (bits.bit() === 1) bits.bit(); // overscan
  if (bits.bit() === 0) return { ...NOTHING_SAID, sampleAspect };
  bits.bits(3); // video_format
  const fullRange = bits.bit() === 1;
  const hasColour = bits.bit() === 1;
  const [primaries, transfer, matrix] = hasColour
    ? [bits.bits(8), bits.bits(8), bits.bits(8)]
    : [UNSPECIFIED, UNSPECIFIED, UNSPECIFIED];
  return { sampleAspect, fullRange, primaries, transfer, matrix };
};

const readSampleAspect = (bits: BitReader): Usability["sampleAspect"] => {
  const idc = bits.bits(8);
  if (idc === EXTENDED_SAR) return { width: bits.bits(16), height: bits.bits(16) };
  if (idc === 0) return null;
  // Every other entry of table E-1 but the first is a ratio that is not 1:1; which one is not wanted.
  return idc === 1 ? { width: 1, height: 1 } : { width: idc, height: 1 };
};
