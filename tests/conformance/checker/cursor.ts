/** Bytes that are not what their format says. */
export class Unreadable extends Error {}

/** Reads big-endian fields one after the other; every read beyond the end throws `Unreadable`. */
export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes read so far. */
  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8 = (): number => this.#view.getUint8(this.#step(1));
  u16 = (): number => this.#view.getUint16(this.#step(2));
  u24 = (): number => this.u8() * 0x10000 + this.u16();
  u32 = (): number => this.#view.getUint32(this.#step(4));
  i16 = (): number => this.#view.getInt16(this.#step(2));
  i32 = (): number => this.#view.getInt32(this.#step(4));
  u64 = (): number => Number(this.#view.getBigUint64(this.#step(8)));
  i64 = (): number => Number(this.#view.getBigInt64(this.#step(8)));

  /** Four characters, as they are in Latin-1. */
  tag = (): string => String.fromCharCode(...this.bytes(4));

  /** A view of the next bytes. */
  bytes = (length: number): Uint8Array => {
    const from = this.#step(length);
    return this.#bytes.subarray(from, from + length);
  };

  skip = (length: number): void => {
    this.#step(length);
  };

  rest = (): Uint8Array => this.bytes(this.left);

  #step(length: number): number {
    if (length > this.left) {
      throw new Unreadable(`${length} bytes are wanted at ${this.#at}, ${this.left} are left`);
    }
    const from = this.#at;
    this.#at += length;
    return from;
  }
}
