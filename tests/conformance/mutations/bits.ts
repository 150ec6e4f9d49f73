/** Changes bits in the payload of a NAL unit: emulation prevention is taken off before and put in after. */
export const replaceBits = (unit: Uint8Array, from: string, to: string): Uint8Array => {
  if (from.length !== to.length) throw new Error("As many bits have to come in as go out.");
  const bits = [...withoutPrevention(unit)]
    .map((byte) => byte.toString(2).padStart(8, "0"))
    .join("");
  const at = bits.indexOf(from);
  if (at < 0) throw new Error(`There are no bits ${from}.`);
  const changed = bits.slice(0, at) + to + bits.slice(at + from.length);
  const bytes = changed.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [];
  return withPrevention(Uint8Array.from(bytes));
};

/** A number as that many bits. */
export const asBits = (value: number, count: number): string =>
  value.toString(2).padStart(count, "0");

const withoutPrevention = (bytes: Uint8Array): Uint8Array => {
  const kept: number[] = [];
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    kept.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Uint8Array.from(kept);
};

const withPrevention = (bytes: Uint8Array): Uint8Array => {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Uint8Array.from(out);
};
