import { ascii, join, u8, u16, u32, u64, zeros } from "./bytes.ts";

/** A box of ISO/IEC 14496-12 §4.2; a size may be claimed that is not the real one. */
export const box = (type: string, ...parts: readonly Uint8Array[]): Buffer => {
  const body = join(...parts);
  return join(u32(8 + body.length), ascii(type), body);
};

export const boxClaiming = (size: number, type: string, ...parts: readonly Uint8Array[]): Buffer =>
  join(u32(size), ascii(type), ...parts);

/** A box with version and flags. */
export const full = (
  type: string,
  version: number,
  flags: number,
  ...parts: readonly Uint8Array[]
): Buffer => box(type, u32(version * 0x1000000 + flags), ...parts);

const MATRIX = join(...[0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(u32));

/** One track of JPEG pictures; what is hostile replaces a part. */
export type Mp4Options = {
  readonly width?: number;
  readonly height?: number;
  readonly timescale?: number;
  /** Of mvhd and mdhd; version 1 boxes are written. */
  readonly duration?: bigint;
  readonly matrix?: Uint8Array;
  readonly dref?: Uint8Array;
  readonly edts?: Uint8Array;
  readonly entry?: Uint8Array;
  readonly stts?: Uint8Array;
  readonly stsc?: Uint8Array;
  readonly stsz?: Uint8Array;
  readonly stco?: (mediaAt: number) => Uint8Array;
  readonly inStbl?: Uint8Array;
  readonly inTrak?: Uint8Array;
  readonly inMoov?: Uint8Array;
  readonly tracks?: number;
  readonly handlerName?: string;
  readonly language?: number;
  readonly brand?: string;
};

/** A visual sample entry (§12.1.3). */
export const visualEntry = (
  type: string,
  width: number,
  height: number,
  ...boxes: readonly Uint8Array[]
): Buffer =>
  box(
    type,
    zeros(6),
    u16(1),
    zeros(16),
    u16(width),
    u16(height),
    u32(0x480000),
    u32(0x480000),
    zeros(4),
    u16(1),
    zeros(32),
    u16(24),
    u16(0xffff),
    ...boxes,
  );

/** A sound sample entry (§12.2.3). */
export const soundEntry = (
  type: string,
  channels: number,
  rate: number,
  ...boxes: readonly Uint8Array[]
): Buffer =>
  box(
    type,
    zeros(6),
    u16(1),
    zeros(8),
    u16(channels),
    u16(16),
    zeros(4),
    u32(rate * 0x10000),
    ...boxes,
  );

/** ftyp, mdat with the samples, moov: a file that plays unless an option makes it hostile. */
export const mp4 = (samples: readonly Uint8Array[], options: Mp4Options = {}): Buffer => {
  const { width = 96, height = 64, timescale = 10, tracks = 1 } = options;
  const duration = options.duration ?? BigInt(samples.length);
  const ftyp = box("ftyp", ascii(options.brand ?? "isom"), u32(0), ascii("isom"));
  const mdat = box("mdat", ...samples);
  const mediaAt = ftyp.length + 8;
  const stbl = box(
    "stbl",
    full("stsd", 0, 0, u32(1), options.entry ?? visualEntry("jpeg", width, height)),
    options.stts ?? full("stts", 0, 0, u32(1), u32(samples.length), u32(1)),
    options.stsc ?? full("stsc", 0, 0, u32(1), u32(1), u32(samples.length), u32(1)),
    options.stsz ??
      full("stsz", 0, 0, u32(0), u32(samples.length), ...samples.map((each) => u32(each.length))),
    options.stco?.(mediaAt) ?? full("stco", 0, 0, u32(1), u32(mediaAt)),
    options.inStbl ?? zeros(0),
  );
  const mdia = box(
    "mdia",
    full(
      "mdhd",
      1,
      0,
      zeros(16),
      u32(timescale),
      u64(duration),
      u16(options.language ?? 0x55c4),
      u16(0),
    ),
    full(
      "hdlr",
      0,
      0,
      zeros(4),
      ascii("vide"),
      zeros(12),
      ascii(options.handlerName ?? "pictures"),
      u8(0),
    ),
    box(
      "minf",
      full("vmhd", 0, 1, zeros(8)),
      box("dinf", options.dref ?? full("dref", 0, 0, u32(1), full("url ", 0, 1))),
      stbl,
    ),
  );
  const trak = (id: number): Buffer =>
    box(
      "trak",
      full(
        "tkhd",
        1,
        3,
        zeros(16),
        u32(id),
        zeros(4),
        u64(duration),
        zeros(16),
        options.matrix ?? MATRIX,
        u32(width * 0x10000),
        u32(height * 0x10000),
      ),
      options.edts ?? zeros(0),
      mdia,
      options.inTrak ?? zeros(0),
    );
  const moov = box(
    "moov",
    full(
      "mvhd",
      1,
      0,
      zeros(16),
      u32(timescale),
      u64(duration),
      u32(0x10000),
      u16(0x100),
      zeros(10),
      MATRIX,
      zeros(24),
      u32(tracks + 1),
    ),
    ...Array.from({ length: tracks }, (_, index) => trak(index + 1)),
    options.inMoov ?? zeros(0),
  );
  return join(ftyp, mdat, moov);
};

/** `type` inside itself, so many times. */
export const nested = (
  type: string,
  depth: number,
  core: Uint8Array = zeros(0),
  head: Uint8Array = zeros(0),
): Buffer => {
  // From the inside out, in one buffer: each level writes its head before what is there.
  const level = 8 + head.length;
  const bytes = Buffer.alloc(depth * level + core.length);
  for (let at = 0; at < depth; at += 1) {
    bytes.writeUInt32BE(bytes.length - at * level, at * level);
    bytes.write(type, at * level + 4, "latin1");
    bytes.set(head, at * level + 8);
  }
  bytes.set(core, depth * level);
  return bytes;
};
