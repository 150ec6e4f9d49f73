/** NAL unit types that a copied stream may hold (ITU-T H.264, table 7-1). */
export const NAL_TYPE = {
  slice: 1,
  idrSlice: 5,
  supplementalInformation: 6,
  sequenceParameters: 7,
  pictureParameters: 8,
  accessUnitDelimiter: 9,
  endOfSequence: 10,
  endOfStream: 11,
  filler: 12,
} as const;

/** `nal_unit_type` (7.3.1); -1 of nothing. */
export const nalTypeOf = (unit: Uint8Array): number =>
  unit.length === 0 ? -1 : (unit[0] ?? 0) & 0x1f;

/**
 * How NAL units stand in a packet: behind a length of that many bytes (ISO/IEC 14496-15, 5.3.2), or
 * behind start codes (ITU-T H.264, annex B).
 */
export type NalFraming = 1 | 2 | 4 | "start-codes";

/** The NAL units of a packet as views into it, in order; null when their lengths do not fit. */
export const splitNalUnits = (bytes: Uint8Array, framing: NalFraming): Uint8Array[] | null =>
  framing === "start-codes" ? splitAtStartCodes(bytes) : splitByLengths(bytes, framing);

const splitByLengths = (bytes: Uint8Array, lengthBytes: number): Uint8Array[] | null => {
  const units: Uint8Array[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    let length = 0;
    for (let index = 0; index < lengthBytes; index += 1) {
      length = length * 256 + (bytes[offset + index] ?? 0);
    }
    const start = offset + lengthBytes;
    const end = start + length;
    if (length === 0 || end > bytes.length) return null;
    units.push(bytes.subarray(start, end));
    offset = end;
  }
  return units;
};

const START_CODE = Buffer.from([0, 0, 1]);

const splitAtStartCodes = (bytes: Uint8Array): Uint8Array[] | null => {
  // Buffer searches natively, byte by byte in JavaScript would cost more than demuxing.
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const units: Uint8Array[] = [];
  let code = buffer.indexOf(START_CODE);
  // Nothing but zeros may stand before the first start code (B.1.1).
  if (code < 0 || buffer.subarray(0, code).some((byte) => byte !== 0)) return null;
  while (code >= 0) {
    const start = code + START_CODE.length;
    code = buffer.indexOf(START_CODE, start);
    let end = code < 0 ? buffer.length : code;
    // A NAL unit ends in a byte that is not zero (7.4.1); zeros behind it belong to the framing.
    while (end > start && buffer[end - 1] === 0) end -= 1;
    if (end > start) units.push(buffer.subarray(start, end));
  }
  return units;
};

/** The units behind four-byte lengths, as a sample of ISO/IEC 14496-15 holds them. */
export const joinNalUnits = (units: readonly Uint8Array[]): Buffer => {
  const sample = Buffer.alloc(units.reduce((sum, unit) => sum + 4 + unit.length, 0));
  let offset = 0;
  for (const unit of units) {
    offset = sample.writeUInt32BE(unit.length, offset);
    sample.set(unit, offset);
    offset += unit.length;
  }
  return sample;
};
