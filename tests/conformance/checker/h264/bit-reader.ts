import { Unreadable } from "../cursor.ts";

/** Reads bits from the highest of each byte on; reads beyond the end throw `Unreadable`. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** An unsigned number of up to 32 bits, `u(n)`. */
  bits(count: number): number {
    let value = 0;
    for (let done = 0; done < count; done += 1) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) throw new Unreadable(`the bits end at ${this.#at}`);
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
      this.#at += 1;
    }
    return value;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** An Exp-Golomb number, `ue(v)` (ITU-T H.264 §9.1). */
  ue(): number {
    let zeros = 0;
    while (!this.flag()) {
      zeros += 1;
      if (zeros > 32) throw new Unreadable("an Exp-Golomb number of more than 32 bits");
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** A signed Exp-Golomb number, `se(v)` (§9.1.1). */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}
