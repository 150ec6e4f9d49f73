import { withoutEmulationPrevention } from "./bit-reader.ts";
import type { DecoderConfiguration } from "./decoder-configuration.ts";
import { NAL_TYPE, nalTypeOf, splitNalUnits } from "./nal-units.ts";

/** One coded picture, as a packet of the source holds it. */
export type AccessUnit = {
  /** Every slice is one of an IDR picture: nothing after it, in any order, needs anything before it. */
  readonly isIdr: boolean;
  /** What a sample holds: slices and messages. Parameter sets stand in the track's header, framing is not wanted. */
  readonly units: readonly Uint8Array[];
};

/** Why a packet cannot be taken over as it is. */
export type AccessUnitFault =
  /** NAL units do not fit into it, or it does not hold exactly one picture. */
  | "damaged"
  /** A parameter set that differs from the track's. */
  | "other-parameters"
  /** Parts of extensions that the players do not take: partitions, layers, depth, transparency. */
  | "extension"
  /** A message that turns the picture or says that it is high dynamic range. */
  | "picture-message";

/** Framing of a stream of NAL units that means nothing in a sample. */
const LEFT_OUT = new Set<number>([
  NAL_TYPE.accessUnitDelimiter,
  NAL_TYPE.endOfSequence,
  NAL_TYPE.endOfStream,
  NAL_TYPE.filler,
]);

/**
 * Messages that say how a picture is to be shown (ITU-T H.264, annex D): display orientation,
 * mastering display, content light level, alternative transfer characteristics.
 */
const PICTURE_MESSAGES = new Set([47, 137, 144, 147]);

/** Reads a packet of a stream with this configuration. */
export const readAccessUnit = (
  packet: Uint8Array,
  configuration: DecoderConfiguration,
): AccessUnit | AccessUnitFault => {
  const found = splitNalUnits(packet, configuration.framing);
  if (found === null) return "damaged";
  const units: Uint8Array[] = [];
  let pictures = 0;
  let idrSlices = 0;
  let otherSlices = 0;
  for (const unit of found) {
    const type = nalTypeOf(unit);
    if (type === NAL_TYPE.slice || type === NAL_TYPE.idrSlice) {
      if (type === NAL_TYPE.idrSlice) idrSlices += 1;
      else otherSlices += 1;
      if (isFirstSlice(unit)) pictures += 1;
    } else if (type === NAL_TYPE.supplementalInformation) {
      if (messageTypes(unit).some((message) => PICTURE_MESSAGES.has(message))) {
        return "picture-message";
      }
    } else if (type === NAL_TYPE.sequenceParameters) {
      if (!holds(configuration.sequenceParameters, unit)) return "other-parameters";
      continue;
    } else if (type === NAL_TYPE.pictureParameters) {
      if (!holds(configuration.pictureParameters, unit)) return "other-parameters";
      continue;
    } else if (LEFT_OUT.has(type)) {
      continue;
    } else {
      return "extension";
    }
    units.push(unit);
  }
  if (pictures !== 1 || (idrSlices > 0 && otherSlices > 0)) return "damaged";
  return { isIdr: idrSlices > 0, units };
};

/** `first_mb_in_slice` is 0: an Exp-Golomb 0 is a single 1 bit (7.3.3). */
const isFirstSlice = (slice: Uint8Array): boolean => ((slice[1] ?? 0) & 0x80) !== 0;

const holds = (sets: readonly Uint8Array[], unit: Uint8Array): boolean =>
  sets.some((set) => Buffer.compare(set, unit) === 0);

/** `payloadType` of every message in a unit (7.3.2.3.1). */
const messageTypes = (unit: Uint8Array): number[] => {
  const payload = withoutEmulationPrevention(unit.subarray(1));
  const types: number[] = [];
  let offset = 0;
  // A number is 255 for every byte of 255, and the byte after them.
  const number = (): number => {
    let value = 0;
    while (payload[offset] === 255) {
      value += 255;
      offset += 1;
    }
    value += payload[offset] ?? 0;
    offset += 1;
    return value;
  };
  // The last byte holds the stop bit; no message is that short.
  while (offset + 2 < payload.length) {
    types.push(number());
    const size = number();
    offset += size;
  }
  return types;
};
