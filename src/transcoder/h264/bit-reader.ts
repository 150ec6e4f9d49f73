/** Reads a NAL unit's payload bit by bit (ITU-T H.264, 7.2 and 9.1); throws `RangeError` past the end. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  /** `payload` is what follows the NAL unit's header, still with its emulation prevention bytes. */
  constructor(payload: Uint8Array) {
    this.#bytes = withoutEmulationPrevention(payload);
  }

  bit(): number {
    const byte = this.#bytes[this.#position >> 3];
    if (byte === undefined) throw new RangeError("past the end of a NAL unit");
    const bit = (byte >> (7 - (this.#position & 7))) & 1;
    this.#position += 1;
    return bit;
  }

  /** `u(n)`: up to 32 bits, the highest first. */
  bits(count: number): number {
    let value = 0;
    for (let index = 0; index < count; index += 1) value = value * 2 + this.bit();
    return value;
  }

  /** `ue(v)`: an unsigned Exp-Golomb number (9.1). */
  unsigned(): number {
    let zeros = 0;
    while (this.bit() === 0) {
      zeros += 1;
      if (zeros > 32) throw new RangeError("an Exp-Golomb number of more than 32 bits");
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** `se(v)`: a signed one (9.1.1). */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}

/** Takes out the 3 of every 0, 0, 3 (7.3.1). */
export const withoutEmulationPrevention = (payload: Uint8Array): Uint8Array => {
  const kept: number[] = [];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    kept.push(byte);
  }
  return Uint8Array.from(kept);
};
