import { type Clip, clip, clipNames } from "../../fixtures/hostile-media.ts";
import type { HostileFile } from "../hostile-file.ts";
import { Random } from "../random.ts";

type Damage = (bytes: Buffer, random: Random) => Uint8Array;

const flip = (bytes: Buffer, random: Random, count: number, from: number, to: number): Buffer => {
  for (let done = 0; done < count; done += 1) {
    const at = from + random.below(Math.max(1, Math.min(to, bytes.length) - from));
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return bytes;
};

/** What happens to every clip; positions come from the seed. */
const damages: Readonly<Record<string, Damage>> = {
  "bits flipped in the first kilobyte": (bytes, random) => flip(bytes, random, 12, 4, 1024),
  "bits flipped in the last kilobyte": (bytes, random) =>
    flip(bytes, random, 12, Math.max(0, bytes.length - 1024), bytes.length),
  "one bit in a hundred bytes flipped": (bytes, random) =>
    flip(bytes, random, Math.ceil(bytes.length / 100), 32, bytes.length),
  "cut after two thirds": (bytes) => bytes.subarray(0, Math.floor((bytes.length * 2) / 3)),
  "cut somewhere in the head": (bytes, random) => bytes.subarray(0, 16 + random.below(600)),
  "four numbers at their greatest": (bytes, random) => {
    for (let done = 0; done < 4; done += 1) {
      const at = 8 + random.below(Math.min(bytes.length - 12, 900));
      bytes.fill(0xff, at, at + 4);
    }
    return bytes;
  },
  "a block of noise in the middle": (bytes, random) => {
    const at = Math.floor(bytes.length / 3);
    for (let index = at; index < at + 512 && index < bytes.length; index += 1)
      bytes[index] = random.below(256);
    return bytes;
  },
  "two halves in the wrong order": (bytes) => {
    const middle = Math.floor(bytes.length / 2);
    return Buffer.concat([
      bytes.subarray(0, 64),
      bytes.subarray(middle),
      bytes.subarray(64, middle),
    ]);
  },
};

const seedOf = (text: string): number =>
  [...text].reduce((seed, letter) => (seed * 31 + letter.charCodeAt(0)) >>> 0, 7);

/** Each clip is damaged in half of the ways, its neighbour in the other half. */
const PARTS = 2;

/** Real clips of every container, damaged. */
export const mutatedClips: readonly HostileFile[] = clipNames.flatMap((name: Clip, index) =>
  Object.entries(damages)
    .filter((_, way) => way % PARTS === index % PARTS)
    .map(([what, damage]) => ({
      name: `${name}: ${what}`,
      make: async () => damage(Buffer.from(await clip(name)), new Random(seedOf(name + what))),
    })),
);
