import { boxOf, type Draft } from "./draft.ts";
import { files, type Mutation } from "./mutation.ts";

const { low, high, english } = files;

const inBox =
  (file: string, path: string, change: (body: DataView) => void) =>
  (draft: Draft): void =>
    draft.box(file, path, change);

/** Paths of boxes, and where their fields lie in version 0 (ISO/IEC 14496-12 §8). */
const mvhd = "moov/mvhd";
const tkhd = "moov/trak/tkhd";
const mdhd = "moov/trak/mdia/mdhd";
const elst = "moov/trak/edts/elst";
const trex = "moov/mvex/trex";
const stbl = "moov/trak/mdia/minf/stbl";
const avc1 = `${stbl}/stsd/avc1`;
const mp4a = `${stbl}/stsd/mp4a`;

const brandsWithout =
  (...brands: string[]) =>
  (draft: Draft): void =>
    draft.boxBytes(low.header, "ftyp", (body) => {
      const text = Buffer.from(body).toString("latin1");
      return Buffer.from(
        brands.reduce((left, brand) => left.replaceAll(brand, "isom"), text),
        "latin1",
      );
    });

/** Defects of boxes in headers. */
export const headerMutations: readonly Mutation[] = [
  {
    name: "a track without a number",
    rule: "cmaf-track-id",
    damage: inBox(low.header, tkhd, (body) => body.setUint32(12, 0)),
  },
  {
    name: "sound in another file",
    rule: "cmaf-data-reference",
    damage: inBox(english.header, mp4a, (body) => body.setUint16(6, 2)),
  },
  {
    name: "the other range in colr",
    rule: "h264-colour",
    damage: inBox(high.header, `${avc1}/colr`, (body) => body.setUint8(10, 0x80)),
  },
  {
    name: "other pixels in pasp than in the stream",
    rule: "h264-sample-aspect",
    damage: inBox(high.header, `${avc1}/pasp`, (body) => body.setUint32(4, 3)),
  },

  { name: "no CMAF brand", rule: "cmaf-brands", damage: brandsWithout("cmfc", "cmf2") },
  { name: "no brand with tfdt", rule: "cmaf-brands", damage: brandsWithout("iso6") },
  {
    name: "a box larger than its parent",
    rule: "cmaf-boxes",
    damage: (draft) =>
      draft.box(low.header, "moov", (body) => body.setUint32(108, body.getUint32(108) + 4000)),
  },
  {
    name: "no sample defaults",
    rule: "cmaf-boxes",
    damage: (draft) => draft.boxBytes(low.header, "moov/mvex", () => null),
  },
  {
    name: "a duration in mvhd",
    rule: "cmaf-header-durations",
    damage: inBox(low.header, mvhd, (body) => body.setUint32(16, 9000)),
  },
  {
    name: "a duration in tkhd",
    rule: "cmaf-header-durations",
    damage: inBox(english.header, tkhd, (body) => body.setUint32(20, 9000)),
  },
  {
    name: "a duration in mdhd",
    rule: "cmaf-header-durations",
    damage: inBox(high.header, mdhd, (body) => body.setUint32(16, 9000)),
  },
  {
    name: "a movie timescale of 0",
    rule: "cmaf-header-durations",
    damage: inBox(low.header, mvhd, (body) => body.setUint32(12, 0)),
  },
  {
    name: "mehd with another duration",
    rule: "cmaf-header-durations",
    damage: (draft) =>
      draft.boxBytes(low.header, "moov/mvex", (body) =>
        Buffer.concat([boxOf("mehd", new Uint8Array([0, 0, 0, 0, 0, 0, 0, 9])), body]),
      ),
  },
  {
    name: "another track in tkhd",
    rule: "cmaf-track-id",
    damage: inBox(low.header, tkhd, (body) => body.setUint32(12, 2)),
  },
  {
    name: "another track in trex",
    rule: "cmaf-track-id",
    damage: inBox(english.header, trex, (body) => body.setUint32(4, 2)),
  },
  {
    name: "a sample description that is not there",
    rule: "cmaf-track-id",
    damage: inBox(high.header, trex, (body) => body.setUint32(8, 2)),
  },
  {
    name: "the next track is this one",
    rule: "cmaf-track-id",
    damage: inBox(high.header, mvhd, (body) => body.setUint32(96, 1)),
  },
  {
    name: "a track that is not enabled",
    rule: "cmaf-track-header",
    damage: inBox(low.header, tkhd, (body) => body.setUint32(0, 2)),
  },
  {
    name: "turned by 90 degrees",
    rule: "cmaf-track-header",
    damage: inBox(low.header, tkhd, (body) => {
      for (const [index, value] of [0, 0x10000, 0, -0x10000, 0].entries())
        body.setInt32(40 + 4 * index, value);
    }),
  },
  {
    name: "silent by volume",
    rule: "cmaf-track-header",
    damage: inBox(english.header, tkhd, (body) => body.setInt16(36, 0)),
  },
  {
    name: "another width in tkhd",
    rule: "cmaf-track-header",
    damage: inBox(low.header, tkhd, (body) => body.setUint32(76, 638 * 0x10000)),
  },
  {
    name: "another height in tkhd",
    rule: "cmaf-track-header",
    damage: inBox(high.header, tkhd, (body) => body.setUint32(80, 736 * 0x10000)),
  },
  {
    name: "pictures handled as sound",
    rule: "cmaf-handler",
    damage: inBox(low.header, "moov/trak/mdia/hdlr", (body) => body.setUint32(8, 0x736f756e)),
  },
  {
    name: "the media header of sound",
    rule: "cmaf-handler",
    damage: (draft) => draft.rename(low.header, "moov/trak/mdia/minf/vmhd", "smhd"),
  },
  {
    name: "media in another file",
    rule: "cmaf-data-reference",
    damage: inBox(low.header, "moov/trak/mdia/minf/dinf/dref", (body) => body.setUint8(19, 0)),
  },
  {
    name: "samples in the header",
    rule: "cmaf-header-samples",
    damage: inBox(english.header, `${stbl}/stsz`, (body) => body.setUint32(8, 5)),
  },
  {
    name: "pictures begin later than sound",
    rule: "cmaf-edit-list",
    damage: inBox(low.header, elst, (body) => body.setInt32(12, 0)),
  },
  {
    name: "the encoder's first sound is not skipped",
    rule: "cmaf-edit-list",
    damage: (draft) => draft.boxBytes(english.header, "moov/trak/edts", () => null),
  },
  {
    name: "half a second of sound is skipped",
    rule: "cmaf-edit-list",
    damage: inBox(english.header, elst, (body) => body.setInt32(12, 24_000)),
  },
  {
    name: "twice as fast by edit",
    rule: "cmaf-edit-list",
    damage: inBox(low.header, elst, (body) => body.setUint32(16, 0x20000)),
  },
  {
    name: "an edit that ends early",
    rule: "cmaf-edit-list",
    damage: inBox(high.header, elst, (body) => body.setUint32(8, 1000)),
  },
  {
    name: "a second edit",
    rule: "cmaf-edit-list",
    damage: (draft) =>
      draft.boxBytes(low.header, elst, (body) => {
        const twice = Buffer.concat([body, body.subarray(8)]);
        twice.writeUInt32BE(2, 4);
        return twice;
      }),
  },
  {
    name: "colours of BT.2020",
    rule: "cmaf-colour",
    damage: inBox(low.header, `${avc1}/colr`, (body) => body.setUint16(8, 9)),
  },
  {
    name: "full range",
    rule: "cmaf-colour",
    damage: inBox(low.header, `${avc1}/colr`, (body) => body.setUint8(10, 0x80)),
  },
  {
    name: "no colours",
    rule: "cmaf-colour",
    damage: (draft) => draft.boxBytes(high.header, `${avc1}/colr`, () => null),
  },
  {
    name: "pixels that are not square",
    rule: "cmaf-pixel-aspect",
    damage: inBox(low.header, `${avc1}/pasp`, (body) => body.setUint32(0, 4)),
  },
  {
    name: "a language that is none",
    rule: "cmaf-language",
    damage: inBox(english.header, mdhd, (body) => body.setUint16(20, 0)),
  },
  {
    name: "another language in the header",
    rule: "mpd-language",
    damage: inBox(english.header, mdhd, (body) => body.setUint16(20, packed("fra"))),
  },
  {
    name: "another timescale than the rungs beside it",
    rule: "cmaf-switching",
    damage: inBox(high.header, mdhd, (body) => body.setUint32(12, body.getUint32(12) * 2)),
  },
  {
    name: "six channels in mp4a",
    rule: "aac-config",
    damage: inBox(english.header, mp4a, (body) => body.setUint16(16, 6)),
  },
  {
    name: "44.1 kHz in mp4a",
    rule: "aac-config",
    damage: inBox(english.header, mp4a, (body) => body.setUint32(24, 44_100 * 0x10000)),
  },
  {
    name: "a sound timescale of 44.1 kHz",
    rule: "aac-config",
    damage: inBox(english.header, mdhd, (body) => body.setUint32(12, 44_100)),
  },
  { name: "MP3 in esds", rule: "aac-config", damage: esds(17, 0x6b) },
  { name: "pictures in esds", rule: "aac-config", damage: esds(18, 0x11) },
  { name: "HE-AAC in AudioSpecificConfig", rule: "aac-config", damage: esds(35, (5 << 3) | 1) },
  { name: "44.1 kHz in AudioSpecificConfig", rule: "aac-config", damage: esds(36, 0x10, 0x80) },
  { name: "one channel in AudioSpecificConfig", rule: "aac-config", damage: esds(36, 0x08, 0x78) },
];

const packed = (code: string): number =>
  [...code].reduce((sum, letter) => (sum << 5) | (letter.charCodeAt(0) - 0x60), 0);

/** Sets the bits of `mask` in a byte of esds, whose descriptors are written with lengths of four bytes. */
function esds(offset: number, value: number, mask = 0xff): (draft: Draft) => void {
  return (draft) =>
    draft.box(english.header, `${mp4a}/esds`, (body) => {
      body.setUint8(offset, (body.getUint8(offset) & ~mask) | (value & mask));
    });
}
