import { clip } from "../../fixtures/hostile-media.ts";
import type { HostileFile } from "../hostile-file.ts";
import { Random } from "../random.ts";
import { type AviOptions, avi, chunk, stream } from "../writers/avi.ts";
import { ascii, join, le16, le32, repeat, u8, u16, u32, zeros } from "../writers/bytes.ts";
import { block, ebml, id, mkv, number } from "../writers/matroska.ts";

const aviWith = (name: string, options: AviOptions): HostileFile => ({
  name: `AVI: ${name}`,
  make: async () => avi(Array(6).fill(await clip("small.jpg")), options),
});

/** A JPEG that claims another size in its frame header (ITU-T T.81 §B.2.2). */
const resized = (jpeg: Buffer, width: number, height: number): Buffer => {
  const copy = Buffer.from(jpeg);
  const at = copy.indexOf(Buffer.from("ffc0", "hex"));
  copy.writeUInt16BE(height, at + 5);
  copy.writeUInt16BE(width, at + 7);
  return copy;
};

const jpegs = (
  name: string,
  sizes: readonly (readonly [number, number])[],
): readonly HostileFile[] => [
  { name: `JPEG in Matroska: ${name}`, make: async () => mkv(await sized(sizes)) },
  { name: `JPEG in AVI: ${name}`, make: async () => avi(await sized(sizes)) },
];

const sized = async (sizes: readonly (readonly [number, number])[]): Promise<Buffer[]> => {
  const jpeg = await clip("small.jpg");
  return sizes.map(([width, height]) => resized(jpeg, width, height));
};

/** A packet of MPEG-TS (ISO/IEC 13818-1 §2.4.3). */
const packet = (pid: number, start: boolean, payload: Uint8Array, count = 0): Buffer =>
  join(
    u8(0x47),
    u16((start ? 0x4000 : 0) | pid),
    u8(0x10 | (count & 15)),
    payload,
    Buffer.alloc(Math.max(0, 184 - payload.length), 0xff),
  ).subarray(0, 188);

/** A program association table of that many programs. */
const programs = (count: number): Buffer => {
  const body = join(
    u16(1),
    u8(0xc1),
    u8(0),
    u8(0),
    repeat(count, (index) => join(u16(index + 1), u16(0xe000 | (0x100 + (index % 0x1e00))))),
    u32(0),
  );
  return join(u8(0), u8(0), u16(0xb000 | body.length), body);
};

/** Moves every time stamp in the PES headers of a transport stream (§2.4.3.6). */
const retimed = (bytes: Buffer, time: (index: number) => bigint): Buffer => {
  let index = 0;
  for (
    let at = bytes.indexOf(Buffer.from("000001", "hex"));
    at >= 0;
    at = bytes.indexOf(Buffer.from("000001", "hex"), at + 3)
  ) {
    const kind = bytes[at + 3] ?? 0;
    if (kind < 0xc0 || kind > 0xef || ((bytes[at + 7] ?? 0) & 0x80) === 0) continue;
    const pts = time(index) & 0x1ffffffffn;
    const write = (place: number, mark: number): void => {
      bytes[place] = mark | (Number(pts >> 30n) << 1) | 1;
      bytes.writeUInt16BE(((Number((pts >> 15n) & 0x7fffn) << 1) | 1) & 0xffff, place + 1);
      bytes.writeUInt16BE(((Number(pts & 0x7fffn) << 1) | 1) & 0xffff, place + 3);
    };
    write(at + 9, (bytes[at + 7] ?? 0) & 0x40 ? 0x30 : 0x20);
    if ((bytes[at + 7] ?? 0) & 0x40) write(at + 14, 0x10);
    index += 1;
  }
  return bytes;
};

const retimedClip = (name: string, time: (index: number) => bigint): HostileFile => ({
  name: `MPEG-TS: ${name}`,
  make: async () => retimed(Buffer.from(await clip("mpeg2-mp2.ts")), time),
});

/** A FLV tag (Adobe FLV §E.4.1). */
const flvTag = (type: number, size: number, time: number, body: Uint8Array): Buffer =>
  join(
    u8(type),
    u32(size).subarray(1),
    u32(time).subarray(1),
    u8(time >>> 24),
    zeros(3),
    body,
    u32(11 + body.length),
  );

const flv = (...tags: readonly Uint8Array[]): Buffer =>
  join(ascii("FLV"), u8(1), u8(5), u32(9), u32(0), ...tags);

/** AMF objects, one in the other. */
const deepObject = (depth: number): Buffer =>
  join(
    u8(2),
    u16(10),
    ascii("onMetaData"),
    repeat(depth, () => join(u8(3), u16(1), ascii("a"))),
  );

/** An Ogg page (RFC 3533 §6) with a wrong checksum. */
const page = (flags: number, serial: number, body: Uint8Array): Buffer =>
  join(
    ascii("OggS"),
    u8(0),
    u8(flags),
    zeros(8),
    le32(serial),
    zeros(8),
    u8(Math.max(1, Math.ceil(body.length / 255))),
    repeat(Math.max(1, Math.ceil(body.length / 255)), () => u8(Math.min(255, body.length))),
    body,
  );

const noise = (length: number, seed: number): Buffer => {
  const random = new Random(seed);
  return Buffer.from(Array.from({ length }, () => random.below(256)));
};

const gif = (width: number, height: number, frames: number): Buffer =>
  join(
    ascii("GIF89a"),
    le16(width),
    le16(height),
    Buffer.from("800000000000ffffff", "hex"),
    repeat(frames, () =>
      join(
        Buffer.from("21f9040000000000", "hex"),
        u8(0x2c),
        zeros(4),
        le16(width),
        le16(height),
        Buffer.from("000202440100", "hex"),
      ),
    ),
    u8(0x3b),
  );

const wav = (channels: number, rate: number, bits: number, claimed: number): Buffer =>
  join(
    ascii("RIFF"),
    le32(claimed),
    ascii("WAVE"),
    chunk(
      "fmt ",
      le16(1),
      le16(channels),
      le32(rate),
      le32((rate * channels * bits) >>> 3),
      le16((channels * bits) >>> 3),
      le16(bits),
    ),
    ascii("data"),
    le32(claimed),
    zeros(8_000),
  );

/** Other containers, and pictures inside them that lie about their size. */
export const otherBombs: readonly HostileFile[] = [
  ...jpegs("65535x65535", Array(4).fill([65535, 65535] as const)),
  ...jpegs("65535x1", Array(4).fill([65535, 1] as const)),
  ...jpegs("0x0", Array(4).fill([0, 0] as const)),
  ...jpegs("8191x8191 after one of 96x64", [
    [96, 64],
    [8191, 8191],
  ]),
  ...jpegs(
    "another size in every picture",
    Array.from(
      { length: 48 },
      (_, index) => [16 + ((index * 37) % 180), 16 + ((index * 53) % 120)] as const,
    ),
  ),
  {
    name: "Matroska: two sizes of whole pictures, every other picture",
    make: async () => {
      const [small, large] = [await clip("small.jpg"), await clip("large.jpg")];
      return mkv(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? small : large)));
    },
  },
  aviWith("16384x16384 in the header", { width: 16384, height: 16384 }),
  aviWith("negative height", { height: -64 }),
  aviWith("a million pictures a second", { scale: 1, rate: 1_000_000 }),
  aviWith("a picture every 31 years", { scale: 1_000_000_000, rate: 1 }),
  aviWith("a rate of 0/0", { scale: 0, rate: 0 }),
  aviWith("2^32-1 pictures", { length: 0xffffffff }),
  aviWith("an unknown codec", { codec: "ZZZZ" }),
  aviWith("MagicYUV", { codec: "M8RG" }),
  aviWith("raw pictures of 30,000 pixels a side", {
    codec: "\0\0\0\0",
    width: 30_000,
    height: 30_000,
  }),
  aviWith("a thousand streams", { streams: 1_000, moreStreams: repeat(1_000, () => stream({})) }),
  aviWith("a hundred thousand empty pictures", { inMovie: repeat(100_000, () => chunk("00dc")) }),
  aviWith("an index that points everywhere", { inMovie: chunk("idx1", noise(16_000, 3)) }),
  {
    name: "AVI: lists five thousand deep",
    make: () =>
      join(
        ascii("RIFF"),
        le32(0x7fffffff),
        ascii("AVI "),
        repeat(5_000, () => join(ascii("LIST"), le32(0x7fffffff), ascii("hdrl"))),
      ),
  },
  retimedClip("times that jump by 2^32", (index) => (index % 2 === 0 ? 0n : 1n << 32n)),
  retimedClip("times that go back", (index) => BigInt(1_000_000 - index * 9_000)),
  retimedClip("times that are all the same", () => 90_000n),
  retimedClip("times that wrap", (index) => (1n << 33n) - 20_000n + BigInt(index * 9_000)),
  retimedClip("a picture a year", (index) => BigInt(index) * 1_000_000_000n),
  {
    name: "MPEG-TS: forty programs, nothing in them",
    make: () =>
      join(
        packet(0, true, programs(40)),
        repeat(500, (index) => packet(0x100 + (index % 40), true, zeros(10), index)),
      ),
  },
  {
    name: "MPEG-TS: eight thousand streams of rubbish",
    make: () =>
      repeat(8_000, (index) =>
        packet(
          0x20 + (index % 8_000),
          true,
          join(Buffer.from("000001e0000080800521000100", "hex"), u8(index)),
          index,
        ),
      ),
  },
  {
    name: "MPEG-TS: tables that change in every packet",
    make: () => repeat(4_000, (index) => packet(0, true, programs(1 + (index % 30)), index)),
  },
  {
    name: "MPEG-TS: nothing but sync bytes",
    make: () => repeat(4_000, () => join(u8(0x47), Buffer.alloc(187, 0x47))),
  },
  {
    name: "MPEG-PS: nothing but start codes",
    make: () =>
      join(
        Buffer.from("000001ba44000400040100000303f8", "hex"),
        repeat(50_000, (index) => join(Buffer.from("000001", "hex"), u8(0xb9 + (index % 60)))),
      ),
  },
  {
    name: "FLV: metadata ten thousand deep",
    make: () => flv(flvTag(18, 40_000, 0, deepObject(10_000))),
  },
  {
    name: "FLV: an array of 2^32-1",
    make: () =>
      flv(flvTag(18, 24, 0, join(u8(2), u16(10), ascii("onMetaData"), u8(8), u32(0xffffffff)))),
  },
  {
    name: "FLV: tags of 16 MB that are not there",
    make: () =>
      flv(...Array.from({ length: 200 }, (_, index) => flvTag(9, 0xffffff, index, zeros(20)))),
  },
  {
    name: "FLV: times that jump by 2^31",
    make: () =>
      flv(
        ...Array.from({ length: 200 }, (_, index) =>
          flvTag(9, 20, index % 2 === 0 ? 0 : 0x7fffffff, join(u8(0x12), zeros(19))),
        ),
      ),
  },
  {
    name: "FLV: a tag that ends before it begins",
    make: () => flv(flvTag(9, 0, 0, zeros(0)), zeros(5_000)),
  },
  {
    name: "Ogg: a thousand streams",
    make: () => repeat(1_000, (index) => page(2, index, join(ascii("\x01vorbis"), zeros(23)))),
  },
  {
    name: "Ogg: Theora of 2^20 pixels a side",
    make: () =>
      page(
        2,
        1,
        join(
          u8(0x80),
          ascii("theora"),
          u8(3),
          u8(2),
          u8(1),
          u16(0xffff),
          u16(0xffff),
          Buffer.from("0fffff0fffff0000", "hex"),
          u32(1),
          u32(0),
          zeros(14),
        ),
      ),
  },
  {
    name: "Ogg: pages without bytes",
    make: () =>
      join(
        page(2, 1, join(u8(0x80), ascii("theora"), zeros(34))),
        repeat(20_000, () => page(0, 1, zeros(0))),
      ),
  },
  { name: "GIF: 65535x65535", make: () => gif(65535, 65535, 3) },
  { name: "GIF: sixty pictures of 4000x4000 in a few kilobytes", make: () => gif(4000, 4000, 60) },
  { name: "WAV: 65,535 channels", make: () => wav(65535, 48_000, 16, 0xffffffff) },
  { name: "WAV: 768 kHz with 256 channels", make: () => wav(256, 768_000, 32, 8_000) },
  { name: "WAV: a rate of 0", make: () => wav(2, 0, 16, 8_000) },
  {
    name: "WAV: chunks of 4 GB",
    make: () =>
      join(
        ascii("RIFF"),
        le32(0xffffffff),
        ascii("WAVE"),
        ascii("LIST"),
        le32(0xffffffff),
        ascii("INFO"),
        zeros(100),
      ),
  },
  {
    name: "FLAC: a picture of 16 MB that is not there",
    make: () =>
      join(
        ascii("fLaC"),
        u8(0),
        u32(34).subarray(1),
        zeros(34),
        u8(0x86),
        u32(0xffffff).subarray(1),
        zeros(100),
      ),
  },
  {
    name: "MP3: a tag of 256 MB that is not there",
    make: () => join(ascii("ID3"), u8(4), u8(0), u8(0), u32(0x7f7f7f7f), zeros(200)),
  },
  {
    name: "MP3: a tag of ten thousand covers",
    make: () =>
      join(
        ascii("ID3"),
        u8(3),
        u8(0),
        u8(0),
        Buffer.from("00062040", "hex"),
        repeat(10_000, () => join(ascii("APIC"), u32(6), u16(0), zeros(6))),
      ),
  },
  {
    name: "CAF: a table of 2^63 packets",
    make: () =>
      join(
        ascii("caff"),
        u16(1),
        u16(0),
        ascii("desc"),
        zeros(4),
        u32(32),
        zeros(8),
        ascii("alac"),
        zeros(20),
        ascii("pakt"),
        Buffer.from("7fffffffffffffff", "hex"),
        zeros(24),
      ),
  },
  {
    name: "AIFF: 2^32-1 frames at infinity",
    make: () =>
      join(
        ascii("FORM"),
        u32(0x7fffffff),
        ascii("AIFF"),
        ascii("COMM"),
        u32(18),
        u16(2),
        u32(0xffffffff),
        u16(16),
        Buffer.alloc(10, 0x7f),
      ),
  },
  {
    name: "ASF: an object of 2^63 bytes",
    make: () =>
      join(
        Buffer.from("3026b2758e66cf11a6d900aa0062ce6c", "hex"),
        zeros(7),
        u8(0x7f),
        le32(1),
        u8(1),
        u8(2),
        zeros(64),
      ),
  },
  {
    name: "MXF: a partition pack and nothing",
    make: () =>
      join(
        Buffer.from("060e2b34020501010d01020101020400", "hex"),
        u8(0x88),
        Buffer.alloc(8, 0x7f),
        zeros(200),
      ),
  },
  {
    name: "DV: a block of rubbish of its size",
    make: () => join(Buffer.from("1f07003f", "hex"), noise(143_996, 5)),
  },
  {
    name: "APNG: 2^31 pictures of 2^31 pixels",
    make: () =>
      join(
        Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"),
        u32(0x7fffffff),
        u32(0x7fffffff),
        Buffer.from("080600000000000000", "hex"),
        u32(8),
        ascii("acTL"),
        u32(0x7fffffff),
        u32(0),
        u32(0),
      ),
  },
  {
    name: "WebP: 16384x16384 animated",
    make: () =>
      join(
        ascii("RIFF"),
        le32(200),
        ascii("WEBP"),
        chunk("VP8X", u8(2), zeros(3), Buffer.from("ff3f00ff3f00", "hex")),
        chunk("ANIM", zeros(6)),
        chunk("ANMF", zeros(16), chunk("VP8L", zeros(8))),
      ),
  },
  {
    name: "AMR: a hundred thousand frames without bytes",
    make: () => join(ascii("#!AMR\n"), Buffer.alloc(100_000, 0x7c)),
  },
  {
    name: "AAC: frames of 7 bytes",
    make: () => repeat(50_000, () => Buffer.from("fff15080 00e0fc".replace(" ", ""), "hex")),
  },
  { name: "a file of zeros", make: () => zeros(1_000_000) },
  { name: "a file of ones", make: () => Buffer.alloc(1_000_000, 0xff) },
  { name: "a file of noise", make: () => noise(300_000, 11) },
  {
    name: "Matroska: a block that belongs to nobody",
    make: () =>
      mkv([], { clusters: ebml(id.cluster, ebml(id.time, number(0)), block(9, 0, zeros(100))) }),
  },
];
