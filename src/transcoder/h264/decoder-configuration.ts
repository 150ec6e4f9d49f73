import { NAL_TYPE, type NalFraming, nalTypeOf, splitNalUnits } from "./nal-units.ts";

/** The parameter sets of a stream, and how its NAL units are framed. */
export type DecoderConfiguration = {
  readonly framing: NalFraming;
  readonly sequenceParameters: readonly Uint8Array[];
  readonly pictureParameters: readonly Uint8Array[];
};

/**
 * Reads what a container says about an H.264 stream: an AVCDecoderConfigurationRecord
 * (ISO/IEC 14496-15, 5.3.3.1), or parameter sets behind start codes. Null when it is neither.
 */
export const readDecoderConfiguration = (bytes: Uint8Array): DecoderConfiguration | null =>
  bytes[0] === 1 ? readRecord(bytes) : readParameterSets(bytes);

const readRecord = (bytes: Uint8Array): DecoderConfiguration | null => {
  const framing = ((bytes[4] ?? 0) & 0b11) + 1;
  if (framing === 3) return null;
  let offset = 5;
  const take = (count: number): Uint8Array[] | null => {
    const units: Uint8Array[] = [];
    for (let index = 0; index < count; index += 1) {
      const length = (bytes[offset] ?? 0) * 256 + (bytes[offset + 1] ?? 0);
      const end = offset + 2 + length;
      if (length === 0 || end > bytes.length) return null;
      units.push(Uint8Array.from(bytes.subarray(offset + 2, end)));
      offset = end;
    }
    return units;
  };
  const sequenceCount = (bytes[offset++] ?? 0) & 0x1f;
  const sequenceParameters = take(sequenceCount);
  const pictureCount = bytes[offset++] ?? 0;
  const pictureParameters = take(pictureCount);
  if (sequenceParameters === null || pictureParameters === null) return null;
  return { framing: framing as 1 | 2 | 4, sequenceParameters, pictureParameters };
};

const readParameterSets = (bytes: Uint8Array): DecoderConfiguration | null => {
  const units = splitNalUnits(bytes, "start-codes");
  if (units === null) return null;
  const ofType = (type: number) =>
    units.filter((unit) => nalTypeOf(unit) === type).map((unit) => Uint8Array.from(unit));
  return {
    framing: "start-codes",
    sequenceParameters: ofType(NAL_TYPE.sequenceParameters),
    pictureParameters: ofType(NAL_TYPE.pictureParameters),
  };
};

/** Profiles whose record ends with chroma format and bit depths. */
const HIGH_PROFILE = 100;

/**
 * The record for samples with four-byte lengths, of one sequence parameter set with 8-bit 4:2:0
 * pictures and the picture parameter sets that go with it (ISO/IEC 14496-15, 5.3.3.1.2).
 */
export const writeDecoderConfiguration = (
  sequenceParameters: Uint8Array,
  pictureParameters: readonly Uint8Array[],
): Uint8Array => {
  const [, profile = 0, constraints = 0, level = 0] = sequenceParameters;
  const sized = (unit: Uint8Array) => [unit.length >> 8, unit.length & 0xff, ...unit];
  return Uint8Array.from([
    ...[1, profile, constraints, level],
    0b111111_11, // reserved, lengthSizeMinusOne
    0b111_00001, // reserved, one sequence parameter set
    ...sized(sequenceParameters),
    pictureParameters.length,
    ...pictureParameters.flatMap(sized),
    // reserved and chroma_format, then twice reserved and bit depth minus 8, then no extensions
    ...(profile >= HIGH_PROFILE ? [0b111111_01, 0b11111_000, 0b11111_000, 0] : []),
  ]);
};
