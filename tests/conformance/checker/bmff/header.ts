import { type AudioConfig, readEsds } from "../aac/audio-config.ts";
import { Cursor, Unreadable } from "../cursor.ts";
import { type AvcConfig, readAvcConfig } from "../h264/avc-config.ts";
import { type Box, boxesIn, childrenOf, full, one, optional, sampleEntryBytes } from "./boxes.ts";

/** What a CMAF header (ISO/IEC 23000-19 §7.3.1) says, as it stands there. */
export type Header = {
  readonly topLevel: readonly string[];
  readonly brands: readonly string[];
  readonly movie: {
    readonly timescale: number;
    readonly duration: number;
    readonly nextTrack: number;
  };
  /** mehd's duration; null without that box. */
  readonly fragmentDuration: number | null;
  readonly track: TrackHeader;
  readonly edits: readonly Edit[] | null;
  readonly media: {
    readonly timescale: number;
    readonly duration: number;
    readonly language: string;
  };
  readonly handler: string;
  /** `vmhd`, `smhd` or another box of that place. */
  readonly mediaHeader: string;
  /** Flags of each data reference; 1 means "in this file". */
  readonly dataReferences: readonly number[];
  readonly entry: SampleEntry;
  /** Entries in stts, stsc, stsz and stco. */
  readonly tableEntries: number;
  readonly defaults: SampleDefaults & { readonly track: number; readonly description: number };
};

/** tkhd (§8.3.2); sizes in pixels, volume 1 is full. */
export type TrackHeader = {
  readonly flags: number;
  readonly id: number;
  readonly duration: number;
  readonly volume: number;
  readonly isUpright: boolean;
  readonly width: number;
  readonly height: number;
};

/** elst (§8.6.6). */
export type Edit = { readonly duration: number; readonly mediaTime: number; readonly rate: number };

/** trex (§8.8.3). */
export type SampleDefaults = {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
};

/** stsd's one entry (§8.5.2). */
export type SampleEntry = {
  readonly type: string;
  readonly reference: number;
  readonly visual: { readonly width: number; readonly height: number } | null;
  readonly sound: { readonly channels: number; readonly sampleRate: number } | null;
  readonly avc: AvcConfig | null;
  readonly aac: AudioConfig | null;
  readonly colour: Colour | null;
  /** Horizontal and vertical spacing of pasp. */
  readonly pixelAspect: readonly [number, number] | null;
};

/** colr of type nclx (§12.1.5), in the code points of ISO/IEC 23091-2. */
export type Colour = {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly isFullRange: boolean;
};

/** Reads a header; throws `Unreadable` when a box that must be there is not, or sizes do not fit. */
export const readHeader = (bytes: Uint8Array): Header => {
  const top = boxesIn(bytes);
  const moov = childrenOf(one(top, "moov"));
  const trak = childrenOf(one(moov, "trak"));
  const mdia = childrenOf(one(trak, "mdia"));
  const minf = childrenOf(one(mdia, "minf"));
  const stbl = childrenOf(one(minf, "stbl"));
  const mvex = childrenOf(one(moov, "mvex"));
  return {
    topLevel: top.map(({ type }) => type),
    brands: readBrands(one(top, "ftyp")),
    movie: readMovie(one(moov, "mvhd")),
    fragmentDuration: readFragmentDuration(optional(mvex, "mehd")),
    track: readTrack(one(trak, "tkhd")),
    edits: readEdits(optional(trak, "edts")),
    media: readMedia(one(mdia, "mdhd")),
    handler: readHandler(one(mdia, "hdlr")),
    mediaHeader:
      minf.find(({ type }) => /^[a-z]mhd$/.test(type) || type === "sthd")?.type ?? "none",
    dataReferences: readReferences(one(childrenOf(one(minf, "dinf")), "dref")),
    entry: readEntry(one(stbl, "stsd")),
    tableEntries: countEntries(stbl),
    defaults: readDefaults(one(mvex, "trex")),
  };
};

const readBrands = (ftyp: Box): string[] => {
  const cursor = new Cursor(ftyp.body);
  const brands = [cursor.tag()];
  cursor.skip(4); // minor version
  while (cursor.left > 0) brands.push(cursor.tag());
  return brands;
};

const readMovie = (mvhd: Box): Header["movie"] => {
  const { version, cursor } = full(mvhd);
  cursor.skip(version === 1 ? 16 : 8); // times of creation and change
  const timescale = cursor.u32();
  const duration = version === 1 ? cursor.u64() : cursor.u32();
  cursor.skip(4 + 2 + 10 + 36 + 24); // rate, volume, reserved, matrix, reserved
  return { timescale, duration, nextTrack: cursor.u32() };
};

const readFragmentDuration = (mehd: Box | null): number | null => {
  if (mehd === null) return null;
  const { version, cursor } = full(mehd);
  return version === 1 ? cursor.u64() : cursor.u32();
};

/** No turn and no shift (§6.2.2): 1 in 16.16, in the last place in 2.30. */
const UPRIGHT = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000];

const readTrack = (tkhd: Box): TrackHeader => {
  const { version, flags, cursor } = full(tkhd);
  cursor.skip(version === 1 ? 16 : 8);
  const id = cursor.u32();
  cursor.skip(4);
  const duration = version === 1 ? cursor.u64() : cursor.u32();
  cursor.skip(8 + 2 + 2); // reserved, layer, alternate group
  const volume = cursor.i16() / 0x100;
  cursor.skip(2);
  const isUpright = UPRIGHT.map((value) => cursor.i32() === value).every(Boolean);
  const width = cursor.u32() / 0x10000;
  return { flags, id, duration, volume, isUpright, width, height: cursor.u32() / 0x10000 };
};

const readEdits = (edts: Box | null): Edit[] | null => {
  if (edts === null) return null;
  const { version, cursor } = full(one(childrenOf(edts), "elst"));
  const count = cursor.u32();
  const edits: Edit[] = [];
  while (edits.length < count) {
    const duration = version === 1 ? cursor.u64() : cursor.u32();
    const mediaTime = version === 1 ? cursor.i64() : cursor.i32();
    edits.push({ duration, mediaTime, rate: cursor.i32() / 0x10000 });
  }
  return edits;
};

/** mdhd (§8.4.2): three letters of five bits each, counted from 0x60. */
const readMedia = (mdhd: Box): Header["media"] => {
  const { version, cursor } = full(mdhd);
  cursor.skip(version === 1 ? 16 : 8);
  const timescale = cursor.u32();
  const duration = version === 1 ? cursor.u64() : cursor.u32();
  const packed = cursor.u16();
  const letter = (shift: number): number => 0x60 + ((packed >> shift) & 0x1f);
  return { timescale, duration, language: String.fromCharCode(letter(10), letter(5), letter(0)) };
};

const readHandler = (hdlr: Box): string => {
  const { cursor } = full(hdlr);
  cursor.skip(4);
  return cursor.tag();
};

const readReferences = (dref: Box): number[] => childrenOf(dref, 8).map((box) => full(box).flags);

const countEntries = (stbl: readonly Box[]): number =>
  ["stts", "stsc", "stsz", "stco"].reduce((sum, type) => {
    const { cursor } = full(one(stbl, type));
    if (type === "stsz") cursor.skip(4); // one size for all samples
    return sum + cursor.u32();
  }, 0);

const readDefaults = (trex: Box): Header["defaults"] => {
  const { u32 } = full(trex).cursor;
  return { track: u32(), description: u32(), duration: u32(), size: u32(), flags: u32() };
};

const readEntry = (stsd: Box): SampleEntry => {
  const entries = childrenOf(stsd, 8);
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) {
    throw new Unreadable(`stsd holds ${entries.length} sample entries`);
  }
  const cursor = new Cursor(entry.body);
  cursor.skip(6);
  const reference = cursor.u16();
  const none = { visual: null, sound: null, avc: null, aac: null, colour: null, pixelAspect: null };
  if (entry.type === "avc1") {
    cursor.skip(16);
    const visual = { width: cursor.u16(), height: cursor.u16() };
    const boxes = childrenOf(entry, sampleEntryBytes.avc1);
    return {
      ...none,
      type: entry.type,
      reference,
      visual,
      avc: readAvcConfig(one(boxes, "avcC").body),
      colour: readColour(optional(boxes, "colr")),
      pixelAspect: readPixelAspect(optional(boxes, "pasp")),
    };
  }
  if (entry.type === "mp4a") {
    cursor.skip(8);
    const channels = cursor.u16();
    cursor.skip(6); // sample size, reserved
    const sound = { channels, sampleRate: cursor.u32() / 0x10000 };
    const esds = one(childrenOf(entry, sampleEntryBytes.mp4a), "esds");
    return { ...none, type: entry.type, reference, sound, aac: readEsds(full(esds).cursor.rest()) };
  }
  return { ...none, type: entry.type, reference };
};

const readColour = (colr: Box | null): Colour | null => {
  if (colr === null) return null;
  const { tag, u16, u8 } = new Cursor(colr.body);
  if (tag() !== "nclx") return null;
  return { primaries: u16(), transfer: u16(), matrix: u16(), isFullRange: u8() >= 0x80 };
};

const readPixelAspect = (pasp: Box | null): readonly [number, number] | null => {
  if (pasp === null) return null;
  const { u32 } = new Cursor(pasp.body);
  return [u32(), u32()];
};
