import { Cursor, Unreadable } from "../cursor.ts";

/** `nal_unit_type` of ITU-T H.264 table 7-1. */
export const nalType = {
  slice: 1,
  idrSlice: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  delimiter: 9,
  filler: 12,
} as const;

export type NalUnit = {
  readonly type: number;
  readonly refIdc: number;
  readonly forbiddenBit: number;
  /** With the first byte. */
  readonly bytes: Uint8Array;
};

/** The NAL units of one sample, each behind its length; throws `Unreadable` unless they fill it exactly. */
export const nalUnitsOf = (sample: Uint8Array, lengthSize: number): NalUnit[] => {
  const cursor = new Cursor(sample);
  const units: NalUnit[] = [];
  while (cursor.left > 0) {
    let length = 0;
    for (let byte = 0; byte < lengthSize; byte += 1) length = length * 256 + cursor.u8();
    if (length === 0) throw new Unreadable("a NAL unit without bytes");
    units.push(nalUnit(cursor.bytes(length)));
  }
  return units;
};

/** A NAL unit from its bytes (§7.3.1). */
export const nalUnit = (bytes: Uint8Array): NalUnit => {
  const first = bytes[0] ?? 0;
  return { type: first & 0x1f, refIdc: (first >> 5) & 3, forbiddenBit: first >> 7, bytes };
};

/** The payload without emulation prevention (§7.4.1.1), at most `limit` bytes of it. */
export const payloadOf = ({ bytes }: NalUnit, limit = bytes.length): Uint8Array => {
  const payload: number[] = [];
  let zeros = 0;
  for (let at = 1; at < bytes.length && payload.length < limit; at += 1) {
    const byte = bytes[at] ?? 0;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    payload.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Uint8Array.from(payload);
};

/**
 * Where a NAL unit holds three bytes that it must not (§7.4.1: 000000, 000001, 000002, or 000003
 * before anything above 3), or -1. Such bytes would be taken for the start of another unit.
 */
export const forbiddenBytesAt = ({ bytes }: NalUnit): number => {
  for (let at = 2; at < bytes.length; at += 1) {
    const third = bytes[at] ?? 0;
    if (third > 3) at += 2;
    else if (bytes[at - 1] === 0 && bytes[at - 2] === 0) {
      if (third < 3 || (bytes[at + 1] ?? 0) > 3) return at - 2;
    }
  }
  return -1;
};
