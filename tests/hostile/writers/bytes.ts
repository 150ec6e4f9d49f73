/** Big-endian numbers and text as bytes. */
export const u8 = (value: number): Buffer => Buffer.from([value & 0xff]);
export const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value & 0xffff);
  return bytes;
};
export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};
export const u64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value));
  return bytes;
};
/** Little-endian, for RIFF. */
export const le32 = (value: number): Buffer => u32(value).reverse();
export const le16 = (value: number): Buffer => u16(value).reverse();
export const ascii = (text: string): Buffer => Buffer.from(text, "latin1");
export const zeros = (count: number): Buffer => Buffer.alloc(count);
export const join = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);
/** The same bytes again and again. */
export const repeat = (count: number, make: (index: number) => Uint8Array): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));
