import { SluiceError } from "../../errors.ts";

/** Says that bytes which should be ISO BMFF are not; ours alone are read here, so it is our fault. */
export const malformed = (what: string): SluiceError =>
  new SluiceError("transcode_failed", { message: `Malformed MP4 segment: ${what}.` });

/**
 * A forward cursor over big-endian bytes (ISO/IEC 14496-12 §4.2.1: all fields are big-endian).
 * Every read is checked: running past the end throws `transcode_failed`, whatever the bytes claim.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.byteLength - this.#offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  u24(): number {
    return this.u16() * 0x100 + this.u8();
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4));
  }

  /** A 64-bit unsigned integer; throws beyond 2^53 - 1, which no real time or size reaches. */
  u64(): number {
    return this.#safe(this.#view.getBigUint64(this.#advance(8)));
  }

  i64(): number {
    return this.#safe(this.#view.getBigInt64(this.#advance(8)));
  }

  /** A four-character code; bytes outside ASCII come out as Latin-1. */
  fourCc(): string {
    return String.fromCharCode(this.u8(), this.u8(), this.u8(), this.u8());
  }

  skip(length: number): void {
    this.#advance(length);
  }

  /** The next `length` bytes as a view, not a copy. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  #advance(length: number): number {
    if (length > this.remaining) {
      throw malformed(`${length} bytes wanted, ${this.remaining} left`);
    }
    const start = this.#offset;
    this.#offset += length;
    return start;
  }

  #safe(value: bigint): number {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw malformed(`${value} is beyond any real time or size`);
    return number;
  }
}
