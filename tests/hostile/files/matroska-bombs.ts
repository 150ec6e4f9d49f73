import { deflateSync } from "node:zlib";
import { clip } from "../../fixtures/hostile-media.ts";
import type { HostileFile } from "../hostile-file.ts";
import { ascii, join, repeat, u8, u16, zeros } from "../writers/bytes.ts";
import {
  block,
  ebml,
  ebmlClaiming,
  float,
  id,
  type MkvOptions,
  mkv,
  number,
  track,
} from "../writers/matroska.ts";

const withOptions = (
  name: string,
  options: MkvOptions | ((frame: Buffer) => MkvOptions),
): HostileFile => ({
  name: `Matroska: ${name}`,
  make: async () => {
    const frame = await clip("small.jpg");
    return mkv(Array(6).fill(frame), typeof options === "function" ? options(frame) : options);
  },
});

const info = (...parts: readonly Uint8Array[]): MkvOptions => ({ info: join(...parts) });

const tracks = (...entries: readonly Uint8Array[]): Buffer => ebml(id.tracks, ...entries);

const sound = (
  codec: string,
  rate: number,
  channels: number,
  more: Uint8Array = zeros(0),
): Buffer =>
  track({
    number: 2,
    kind: 2,
    codec,
    more: join(
      ebml(
        id.sound,
        ebml(id.rate, float(rate)),
        ebml(id.channels, number(channels)),
        ebml(id.bits, number(16)),
      ),
      more,
    ),
  });

/** Pictures beside sound of this form, with a tenth of a second of its samples. */
const withSound = (
  name: string,
  codec: string,
  rate: number,
  channels: number,
  more?: Uint8Array,
): HostileFile =>
  withOptions(name, (frame) => ({
    tracks: tracks(track({ number: 1 }), sound(codec, rate, channels, more)),
    clusters: ebml(
      id.cluster,
      ebml(id.time, number(0)),
      ...repeatBlocks(frame),
      block(2, 0, zeros(Math.min(200_000, 4 * channels * 1000))),
    ),
  }));

const repeatBlocks = (frame: Buffer): Buffer[] =>
  Array.from({ length: 6 }, (_, index) => block(1, index * 100, frame));

const textTrack = (count: number, codec = "S_TEXT/UTF8", more: Uint8Array = zeros(0)): Buffer =>
  track({ number: count, kind: 17, codec, more });

const textBlock = (count: number, time: number, text: string | Uint8Array): Buffer =>
  ebml(
    id.group,
    ebml(
      id.plainBlock,
      u8(0x80 | count),
      u16(time),
      u8(0),
      typeof text === "string" ? Buffer.from(text) : text,
    ),
    ebml(id.blockDuration, number(400)),
  );

const withText = (
  name: string,
  codec: string,
  header: string,
  texts: readonly string[],
): HostileFile =>
  withOptions(name, (frame) => ({
    tracks: tracks(
      track({ number: 1 }),
      textTrack(2, codec, header === "" ? zeros(0) : ebml(id.private, ascii(header))),
    ),
    clusters: ebml(
      id.cluster,
      ebml(id.time, number(0)),
      ...repeatBlocks(frame),
      ...texts.map((each, index) => textBlock(2, index % 500, each)),
    ),
  }));

const attachment = (name: string, mime: string, data: Uint8Array): Buffer =>
  ebml(
    id.attached,
    ebml(id.fileName, Buffer.from(name)),
    ebml(id.mime, ascii(mime)),
    ebml(id.fileUid, number(7)),
    ebml(id.data, data),
  );

/** Lacing (RFC 9559 §10.3) of 255 frames without bytes. */
const emptyLaces = (time: number): Buffer =>
  ebml(
    id.block,
    u8(0x81),
    u16(time),
    u8(0x80 | 0x06),
    u8(254),
    u8(0x80),
    repeat(253, () => u8(0xbf)),
  );

const nestedEbml = (element: string, depth: number): Buffer => {
  let inner = zeros(0);
  for (let level = 0; level < depth; level += 1) inner = ebml(element, inner);
  return inner;
};

/** A bomb of zeros behind zlib, as a track's content compression (RFC 9559 §5.1.4.1.31.5). */
const compressed = (frame: Uint8Array): MkvOptions => ({
  tracks: tracks(
    track({
      number: 1,
      more: ebml(
        id.encodings,
        ebml(id.encoding, ebml(id.compression, ebml(id.algorithm, number(0)))),
      ),
    }),
  ),
  clusters: ebml(
    id.cluster,
    ebml(id.time, number(0)),
    ...Array.from({ length: 4 }, (_, index) => block(1, index * 100, frame)),
  ),
});

/** Matroska and WebM whose numbers promise more than there is, nest, repeat or compress. */
export const matroskaBombs: readonly HostileFile[] = [
  ...[
    [16384, 16384],
    [65535, 1],
    [2 ** 31, 2 ** 31],
    [0, 0],
  ].map(([width = 0, height = 0]) =>
    withOptions(`${width}x${height} in the track`, {
      tracks: tracks(track({ number: 1, width, height })),
    }),
  ),
  ...[Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300, 1e-300].map((duration) =>
    withOptions(
      `a duration of ${duration}`,
      info(ebml(id.scale, number(1_000_000)), ebml(id.duration, float(duration))),
    ),
  ),
  ...[0n, 1n, 1n << 40n, (1n << 63n) - 1n, (1n << 64n) - 1n].map((scale) =>
    withOptions(
      `a timestamp scale of ${scale}`,
      info(ebml(id.scale, number(scale)), ebml(id.duration, float(600))),
    ),
  ),
  ...[1n, 1000n, 1n << 62n, 0n].map((nanoseconds) =>
    withOptions(`a picture every ${nanoseconds} ns`, {
      tracks: tracks(track({ number: 1, more: ebml(id.defaultDuration, number(nanoseconds)) })),
    }),
  ),
  withOptions("a cluster at 2^63 ticks", (frame) => ({
    clusters: ebml(id.cluster, ebml(id.time, number(1n << 62n)), ...repeatBlocks(frame)),
  })),
  withOptions("clusters that jump by 2^33 and back", (frame) => ({
    clusters: repeat(8, (index) =>
      ebml(
        id.cluster,
        ebml(id.time, number(index % 2 === 0 ? 0n : 1n << 33n)),
        block(1, index, frame),
      ),
    ),
  })),
  withOptions("two hundred thousand blocks without bytes", {
    clusters: ebml(
      id.cluster,
      ebml(id.time, number(0)),
      repeat(200_000, (index) => ebml(id.block, u8(0x81), u16(index % 30_000), u8(0x80))),
    ),
  }),
  withOptions("a thousand blocks of 255 empty laces", {
    clusters: ebml(id.cluster, ebml(id.time, number(0)), repeat(1_000, emptyLaces)),
  }),
  withOptions("a block of 2^56 bytes", {
    clusters: ebml(
      id.cluster,
      ebml(id.time, number(0)),
      ebmlClaiming(id.block, (1n << 55n) - 1n, u8(0x81), u16(0), u8(0x80), zeros(64)),
    ),
  }),
  withOptions("clusters of unknown size, one in the other", (frame) => ({
    clusters: repeat(500, () =>
      ebmlClaiming(id.cluster, -1n, ebml(id.time, number(0)), block(1, 0, frame.subarray(0, 200))),
    ),
  })),
  ...[100, 10_000].map((count) =>
    withOptions(`${count} tracks`, {
      tracks: tracks(repeat(count, (index) => track({ number: index + 1 }))),
    }),
  ),
  withOptions("a thousand text tracks", {
    tracks: tracks(
      track({ number: 1 }),
      repeat(1_000, (index) => textTrack(index + 2)),
    ),
  }),
  withOptions("60 text tracks", {
    tracks: tracks(
      track({ number: 1 }),
      repeat(60, (index) => textTrack(index + 2)),
    ),
  }),
  withOptions("two tracks of one number", {
    tracks: tracks(track({ number: 1 }), track({ number: 1 })),
  }),
  withOptions("elements a thousand deep", { before: nestedEbml(id.tags, 1_000) }),
  withOptions("chapters two thousand deep", {
    after: ebml(id.chapters, ebml(id.edition, nestedEbml(id.atom, 2_000))),
  }),
  withOptions("ten thousand chapters", {
    after: ebml(
      id.chapters,
      ebml(
        id.edition,
        repeat(10_000, (index) =>
          ebml(
            id.atom,
            ebml(id.chapterUid, number(index)),
            ebml(id.chapterStart, number(index * 1e9)),
          ),
        ),
      ),
    ),
  }),
  withOptions("fifty thousand tags", {
    after: ebml(
      id.tags,
      repeat(50_000, () =>
        ebml(
          id.tag,
          ebml(id.simpleTag, ebml(id.tagName, ascii("A")), ebml(id.tagText, ascii("B"))),
        ),
      ),
    ),
  }),
  withOptions("five thousand attachments", {
    after: ebml(
      id.attachments,
      repeat(5_000, (index) =>
        attachment(`${index}.ttf`, "application/x-truetype-font", zeros(16)),
      ),
    ),
  }),
  withOptions("an attachment of 16 MB", () => ({
    before: ebml(id.attachments, attachment("cover.jpg", "image/jpeg", zeros(16_000_000))),
  })),
  withOptions("an attachment that leads outside", {
    before: ebml(id.attachments, attachment("../../../../tmp/evil.ttf", "font/ttf", ascii("evil"))),
  }),
  withOptions("a font with a NUL in its name", {
    before: ebml(id.attachments, attachment("a\0b.ttf", "font/ttf", ascii("evil"))),
  }),
  withOptions("an index of fifty thousand entries that point nowhere", {
    before: ebml(
      id.cues,
      repeat(50_000, (index) =>
        ebml(
          id.cue,
          ebml(id.cueTime, number(index)),
          ebml(
            id.cuePositions,
            ebml(id.cueTrack, number(1)),
            ebml(id.cueCluster, number((1n << 62n) + BigInt(index))),
          ),
        ),
      ),
    ),
  }),
  withOptions("a seek head that points at itself", {
    before: ebml(
      id.seekHead,
      repeat(64, () =>
        ebml(id.seek, ebml(id.seekId, Buffer.from(id.seekHead, "hex")), ebml(id.seekAt, number(0))),
      ),
    ),
  }),
  withOptions("a zlib bomb of 64 MB in every block", () =>
    compressed(deflateSync(Buffer.alloc(64_000_000), { level: 9 })),
  ),
  withOptions(
    "zlib that never ends",
    compressed(deflateSync(Buffer.alloc(64_000)).subarray(0, 40)),
  ),
  withOptions("header stripping of 4 MB", () => ({
    tracks: tracks(
      track({
        number: 1,
        more: ebml(
          id.encodings,
          ebml(
            id.encoding,
            ebml(
              id.compression,
              ebml(id.algorithm, number(3)),
              ebml(id.settings, zeros(4_000_000)),
            ),
          ),
        ),
      }),
    ),
  })),
  withOptions("private data of 8 MB", () => ({
    tracks: tracks(
      track({ number: 1, codec: "V_MPEG4/ISO/AVC", more: ebml(id.private, zeros(8_000_000)) }),
    ),
  })),
  withOptions("H.264 without private data", {
    tracks: tracks(track({ number: 1, codec: "V_MPEG4/ISO/AVC" })),
  }),
  withOptions("HEVC with private data of one byte", {
    tracks: tracks(track({ number: 1, codec: "V_MPEGH/ISO/HEVC", more: ebml(id.private, u8(1)) })),
  }),
  withOptions("AV1 that is JPEG", { tracks: tracks(track({ number: 1, codec: "V_AV1" })) }),
  withOptions("VP9 that is JPEG", { tracks: tracks(track({ number: 1, codec: "V_VP9" })) }),
  withOptions("ProRes that is JPEG", {
    tracks: tracks(track({ number: 1, codec: "V_PRORES", more: ebml(id.private, ascii("apch")) })),
  }),
  withOptions("Theora without headers", {
    tracks: tracks(
      track({
        number: 1,
        codec: "V_THEORA",
        more: ebml(id.private, u8(2), u8(255), u8(255), zeros(600)),
      }),
    ),
  }),
  withOptions("MagicYUV", {
    tracks: tracks(
      track({
        number: 1,
        codec: "V_MS/VFW/FOURCC",
        more: ebml(
          id.private,
          Buffer.from("28000000600000004000000001001800", "hex"),
          ascii("M8RG"),
          zeros(20),
        ),
      }),
    ),
  }),
  withOptions("raw pictures of 2^31 bytes", {
    tracks: tracks(track({ number: 1, codec: "V_UNCOMPRESSED", width: 30_000, height: 30_000 })),
  }),
  withSound("64 channels", "A_PCM/INT/LIT", 48_000, 64),
  withSound("9 channels", "A_PCM/INT/LIT", 48_000, 9),
  withSound("65 channels", "A_PCM/INT/LIT", 48_000, 65),
  withSound("256 channels", "A_PCM/INT/LIT", 48_000, 256),
  withSound("65,535 channels", "A_PCM/INT/LIT", 48_000, 65_535),
  withSound("no channels", "A_PCM/INT/LIT", 48_000, 0),
  withSound("768 kHz", "A_PCM/INT/LIT", 768_000, 2),
  withSound("2^31 Hz", "A_PCM/INT/LIT", 2 ** 31, 2),
  withSound("a rate of 1 Hz", "A_PCM/INT/LIT", 1, 2),
  withSound("a rate that is no number", "A_PCM/INT/LIT", Number.NaN, 2),
  withSound(
    "Opus of 255 channels",
    "A_OPUS",
    48_000,
    255,
    ebml(
      id.private,
      ascii("OpusHead"),
      u8(1),
      u8(255),
      zeros(8),
      u8(255),
      repeat(257, () => u8(0)),
    ),
  ),
  withSound(
    "FLAC at 655,350 Hz",
    "A_FLAC",
    655_350,
    8,
    ebml(
      id.private,
      ascii("fLaC"),
      u8(0x80),
      zeros(2),
      u8(34),
      zeros(10),
      Buffer.from("9fff6ff0", "hex"),
      zeros(20),
    ),
  ),
  withSound(
    "Vorbis without headers",
    "A_VORBIS",
    48_000,
    2,
    ebml(id.private, u8(2), u8(1), u8(1), zeros(64)),
  ),
  withSound("AAC without a configuration", "A_AAC", 48_000, 2),
  withSound(
    "ALAC of 2^32 samples a frame",
    "A_ALAC",
    48_000,
    2,
    ebml(id.private, Buffer.alloc(24, 0xff)),
  ),
  withText("a cue of 2 MB", "S_TEXT/UTF8", "", ["x".repeat(2_000_000)]),
  withText(
    "twenty thousand cues",
    "S_TEXT/UTF8",
    "",
    Array.from({ length: 20_000 }, (_, index) => `cue ${index}`),
  ),
  withText("tags ten thousand deep", "S_TEXT/UTF8", "", [
    `${"<i>".repeat(10_000)}x`,
    "<".repeat(50_000),
  ]),
  withText("cues that inject", "S_TEXT/UTF8", "", [
    "-->\n\nNOTE x",
    "<script>alert(1)</script>",
    "00:00:00.000 --> 00:00:01.000",
    "\u0000\u202e\ufeff",
    "X-TIMESTAMP-MAP=MPEGTS:0",
  ]),
  withText(
    "ASS with half a million braces",
    "S_TEXT/ASS",
    "[Script Info]\n[V4+ Styles]\n[Events]\n",
    [`0,0,Default,,0,0,0,,${"{".repeat(250_000)}${"}".repeat(250_000)}`],
  ),
  withText(
    "ASS that names files",
    "S_TEXT/ASS",
    "[Script Info]\nTitle: x\n[Fonts]\nfontname: /etc/passwd\n[Graphics]\nfilename: /etc/passwd\n",
    ["0,0,Default,,0,0,0,,{\\fn/etc/passwd}x"],
  ),
  withText("text that is not UTF-8", "S_TEXT/UTF8", "", ["\ud800".repeat(100)]),
];
