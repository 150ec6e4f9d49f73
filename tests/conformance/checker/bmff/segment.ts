import { Unreadable } from "../cursor.ts";
import { type Box, boxesIn, childrenOf, full, one, optional } from "./boxes.ts";
import type { SampleDefaults } from "./header.ts";

/** A media segment: pairs of moof and mdat (ISO/IEC 23000-19 §7.3.2). */
export type SegmentFile = {
  readonly topLevel: readonly string[];
  readonly fragments: readonly Fragment[];
};

/** One moof with its mdat, as it stands there. */
export type Fragment = {
  /** Where the moof begins in the file and how far the pair reaches. */
  readonly start: number;
  readonly size: number;
  readonly moofSize: number;
  readonly sequence: number;
  readonly trafs: number;
  readonly truns: number;
  readonly track: number;
  /** tfhd's flags (§8.8.7). */
  readonly flags: number;
  /** Null without a tfdt box. */
  readonly decodeTime: number | null;
  /** trun's data offset (§8.8.8), from the moof's first byte; null where none is given. */
  readonly dataOffset: number | null;
  readonly samples: readonly Sample[];
  readonly mdat: Uint8Array;
};

export type Sample = {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
  /** Composition time less decode time. */
  readonly offset: number;
};

/** Flags of tfhd that the rules ask for (§8.8.7). */
export const tfhdFlags = { baseDataOffset: 0x000001, defaultBaseIsMoof: 0x020000 } as const;

/** Whether a sample's flags call it a sync sample (§8.8.3.1). */
export const isSync = (flags: number): boolean => (flags & 0x00010000) === 0;

/** `sample_depends_on` (§8.6.4): 0 unknown, 1 on others, 2 on none. */
export const dependsOn = (flags: number): number => (flags >>> 24) & 3;

/** Reads a segment; throws `Unreadable` when a box that must be there is not, or sizes do not fit. */
export const readSegment = (bytes: Uint8Array, defaults: SampleDefaults): SegmentFile => {
  const top = boxesIn(bytes);
  const fragments = top.flatMap((box, index) => {
    if (box.type !== "moof") return [];
    const next = top[index + 1];
    if (next?.type !== "mdat") throw new Unreadable(`no mdat follows the moof at ${box.start}`);
    return [readFragment(box, next, defaults)];
  });
  return { topLevel: top.map(({ type }) => type), fragments };
};

const readFragment = (moof: Box, mdat: Box, defaults: SampleDefaults): Fragment => {
  const boxes = childrenOf(moof);
  const trafs = boxes.filter(({ type }) => type === "traf");
  const [traf] = trafs;
  if (traf === undefined) throw new Unreadable("there is no traf box");
  const inTraf = childrenOf(traf);
  const truns = inTraf.filter(({ type }) => type === "trun");
  const tfhd = readTrackHeader(one(inTraf, "tfhd"), defaults);
  const runs = truns.map((trun) => readRun(trun, tfhd.defaults));
  return {
    start: moof.start,
    size: moof.size + mdat.size,
    moofSize: moof.size,
    sequence: full(one(boxes, "mfhd")).cursor.u32(),
    trafs: trafs.length,
    truns: truns.length,
    track: tfhd.track,
    flags: tfhd.flags,
    decodeTime: readDecodeTime(optional(inTraf, "tfdt")),
    dataOffset: runs[0]?.dataOffset ?? null,
    samples: runs.flatMap(({ samples }) => samples),
    mdat: mdat.body,
  };
};

const readTrackHeader = (tfhd: Box, defaults: SampleDefaults) => {
  const { flags, cursor } = full(tfhd);
  const track = cursor.u32();
  if (flags & 0x01) cursor.skip(8);
  if (flags & 0x02) cursor.skip(4);
  const own = {
    duration: flags & 0x08 ? cursor.u32() : defaults.duration,
    size: flags & 0x10 ? cursor.u32() : defaults.size,
    flags: flags & 0x20 ? cursor.u32() : defaults.flags,
  };
  return { track, flags, defaults: own };
};

const readDecodeTime = (tfdt: Box | null): number | null => {
  if (tfdt === null) return null;
  const { version, cursor } = full(tfdt);
  return version === 1 ? cursor.u64() : cursor.u32();
};

const readRun = (trun: Box, defaults: SampleDefaults) => {
  const { version, flags, cursor } = full(trun);
  const count = cursor.u32();
  const dataOffset = flags & 0x01 ? cursor.i32() : null;
  const firstFlags = flags & 0x04 ? cursor.u32() : null;
  const samples: Sample[] = [];
  while (samples.length < count) {
    const isFirst = samples.length === 0;
    const duration = flags & 0x100 ? cursor.u32() : defaults.duration;
    const size = flags & 0x200 ? cursor.u32() : defaults.size;
    const own = flags & 0x400 ? cursor.u32() : defaults.flags;
    const offset = flags & 0x800 ? (version === 0 ? cursor.u32() : cursor.i32()) : 0;
    samples.push({ duration, size, flags: isFirst ? (firstFlags ?? own) : own, offset });
    if ((flags & 0xf00) === 0 && count > 1_000_000) throw new Unreadable(`${count} samples`);
  }
  if (cursor.left > 0) throw new Unreadable(`trun has ${cursor.left} bytes too many`);
  return { dataOffset, samples };
};
