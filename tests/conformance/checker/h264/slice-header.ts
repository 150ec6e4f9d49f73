import { BitReader } from "./bit-reader.ts";
import { type NalUnit, nalType, nalUnit, payloadOf } from "./nal-units.ts";
import type { SequenceParameters } from "./sequence-parameters.ts";

/** The beginning of a slice header (ITU-T H.264 §7.3.3). */
export type SliceHeader = {
  readonly firstMacroblock: number;
  readonly kind: "P" | "B" | "I" | "SP" | "SI";
  readonly pictureParameters: number;
  readonly frameNumber: number;
  /** Null for other than IDR pictures. */
  readonly idrId: number | null;
  /** `pic_order_cnt_lsb`; null where the stream does not write it. */
  readonly orderCount: number | null;
};

/** Table 7-6; 5 to 9 say that all slices of the picture are of the kind. */
const KINDS = ["P", "B", "I", "SP", "SI"] as const;

/** More than the fields above can take, emulation prevention aside. */
const HEADER_BYTES = 32;

/** Ids of a picture parameter set and of the sequence parameter set it names (§7.3.2.2). */
export const readPictureParameters = (bytes: Uint8Array): { id: number; sequence: number } => {
  const reader = new BitReader(payloadOf(nalUnit(bytes)));
  return { id: reader.ue(), sequence: reader.ue() };
};

export const readSliceHeader = (unit: NalUnit, sps: SequenceParameters): SliceHeader => {
  const reader = new BitReader(payloadOf(unit, HEADER_BYTES));
  const firstMacroblock = reader.ue();
  const kind = KINDS[reader.ue() % 5] ?? "P";
  const pictureParameters = reader.ue();
  const frameNumber = reader.bits(sps.frameNumBits);
  if (!sps.isProgressive && reader.flag()) reader.flag(); // a field, and which
  const idrId = unit.type === nalType.idrSlice ? reader.ue() : null;
  const orderCount = sps.orderCountType === 0 ? reader.bits(sps.orderCountBits) : null;
  return { firstMacroblock, kind, pictureParameters, frameNumber, idrId, orderCount };
};
