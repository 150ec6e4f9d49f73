import { boxesIn } from "../checker/bmff/boxes.ts";

/** Bytes before the first box inside boxes that hold more than boxes. */
const FIXED_BYTES: Readonly<Record<string, number>> = { stsd: 8, dref: 8, avc1: 78, mp4a: 28 };

/** A copy of a presentation's files, to be damaged. Every change that changes nothing throws. */
export class Draft {
  readonly files: Map<string, Uint8Array>;

  constructor(files: ReadonlyMap<string, Uint8Array>) {
    this.files = new Map([...files].map(([name, bytes]) => [name, Uint8Array.from(bytes)]));
  }

  bytes(file: string): Uint8Array {
    const found = this.files.get(file);
    if (found === undefined) throw new Error(`There is no ${file}.`);
    return found;
  }

  put(file: string, bytes: Uint8Array): void {
    const before = this.files.get(file);
    if (before !== undefined && Buffer.compare(before, bytes) === 0)
      throw new Error(`${file} stays the same.`);
    this.files.set(file, bytes);
  }

  remove(file: string): void {
    if (!this.files.delete(file)) throw new Error(`There is no ${file}.`);
  }

  swap(one: string, other: string): void {
    const bytes = this.bytes(one);
    this.put(one, this.bytes(other));
    this.put(other, bytes);
  }

  /** Replaces the first match in a text, all of them with a global expression. */
  text(file: string, from: string | RegExp, to: string | ((...found: string[]) => string)): void {
    const before = new TextDecoder().decode(this.bytes(file));
    const after =
      typeof to === "string" ? before.replace(from, () => to) : before.replace(from, to);
    if (after === before) throw new Error(`${file} has no ${from}.`);
    this.put(file, new TextEncoder().encode(after));
  }

  /** Changes a box's body in its place; `path` is `moov/trak/tkhd`, or `moof[1]/mfhd` for the second of a type. */
  box(file: string, path: string, change: (body: DataView) => void): void {
    this.boxBytes(file, path, (body) => {
      const copy = Uint8Array.from(body);
      change(new DataView(copy.buffer));
      return copy;
    });
  }

  /** Puts another body into a box; sizes around it follow. Null takes the box away. */
  boxBytes(file: string, path: string, change: (body: Uint8Array) => Uint8Array | null): void {
    this.put(file, rewrite(this.bytes(file), path.split("/"), change));
  }

  /** Gives a box another type in its place. */
  rename(file: string, path: string, type: string): void {
    const names = path.split("/");
    const last = names.pop() ?? "";
    const parent = (body: Uint8Array): Uint8Array => {
      const copy = Uint8Array.from(body);
      const box = boxesIn(copy).find((each) => each.type === last);
      if (box === undefined) throw new Error(`There is no ${path}.`);
      copy.set(new TextEncoder().encode(type), box.start + 4);
      return copy;
    };
    if (names.length === 0) this.put(file, parent(this.bytes(file)));
    else this.boxBytes(file, names.join("/"), parent);
  }
}

const rewrite = (
  bytes: Uint8Array,
  [step = "", ...deeper]: readonly string[],
  change: (body: Uint8Array) => Uint8Array | null,
): Uint8Array => {
  const [, name = "", index = "0"] = /^(....)(?:\[(\d+)\])?$/.exec(step) ?? [];
  const boxes = boxesIn(bytes);
  const target = boxes.filter(({ type }) => type === name)[Number(index)];
  if (target === undefined) throw new Error(`There is no ${step}.`);
  return Buffer.concat(
    boxes.map((box) => {
      if (box !== target) return bytes.subarray(box.start, box.start + box.size);
      const fixed = FIXED_BYTES[name] ?? 0;
      const body =
        deeper.length === 0
          ? change(box.body)
          : Buffer.concat([
              box.body.subarray(0, fixed),
              rewrite(box.body.subarray(fixed), deeper, change),
            ]);
      return body === null ? new Uint8Array() : boxOf(name, body);
    }),
  );
};

/** A box with this body. */
export const boxOf = (type: string, body: Uint8Array): Uint8Array => {
  const header = new DataView(new ArrayBuffer(8));
  header.setUint32(0, 8 + body.length);
  for (let index = 0; index < 4; index += 1) header.setUint8(4 + index, type.charCodeAt(index));
  return Buffer.concat([new Uint8Array(header.buffer), body]);
};
