import { Cursor } from "../cursor.ts";

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1). */
export type AvcConfig = {
  readonly version: number;
  readonly profile: number;
  readonly compatibility: number;
  readonly level: number;
  /** Bytes of the length before each NAL unit. */
  readonly lengthSize: number;
  /** Whole NAL units, with their first byte. */
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
};

export const readAvcConfig = (bytes: Uint8Array): AvcConfig => {
  const cursor = new Cursor(bytes);
  const units = (count: number): Uint8Array[] =>
    Array.from({ length: count }, () => cursor.bytes(cursor.u16()));
  return {
    version: cursor.u8(),
    profile: cursor.u8(),
    compatibility: cursor.u8(),
    level: cursor.u8(),
    lengthSize: (cursor.u8() & 3) + 1,
    sps: units(cursor.u8() & 0x1f),
    pps: units(cursor.u8()),
  };
};
