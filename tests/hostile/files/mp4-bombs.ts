import { clip } from "../../fixtures/hostile-media.ts";
import type { HostileFile } from "../hostile-file.ts";
import { ascii, join, repeat, u8, u16, u32, u64, zeros } from "../writers/bytes.ts";
import {
  box,
  boxClaiming,
  full,
  type Mp4Options,
  mp4,
  nested,
  soundEntry,
  visualEntry,
} from "../writers/mp4.ts";

const MOST = 0xffffffff;

/** Six pictures in an MP4 with one hostile part. */
const withOptions = (name: string, options: Mp4Options | (() => Mp4Options)): HostileFile => ({
  name: `MP4: ${name}`,
  make: async () =>
    mp4(
      Array(6).fill(await clip("small.jpg")),
      typeof options === "function" ? options() : options,
    ),
});

const edits = (
  ...entries: readonly (readonly [duration: number, time: number, rate?: number])[]
): Buffer => {
  const table = Buffer.concat(
    entries.map(([duration, time, rate = 1]) =>
      join(u32(duration), u32(time), u32(rate * 0x10000)),
    ),
  );
  return box("edts", full("elst", 0, 0, u32(entries.length), table));
};

const text = (kind: string, value: string): Buffer =>
  box(kind, box("data", u32(1), u32(0), Buffer.from(value)));

const metadata = (...items: readonly Uint8Array[]): Buffer =>
  box(
    "udta",
    full(
      "meta",
      0,
      0,
      full("hdlr", 0, 0, zeros(4), ascii("mdirappl"), zeros(9)),
      box("ilst", ...items),
    ),
  );

/** What would break out of a playlist, a manifest, a page or a terminal if it were copied there. */
const INJECTIONS = [
  "-i /etc/passwd",
  "line\n#EXT-X-ENDLIST\nhttp://127.0.0.1/x",
  'quote",URI="http://127.0.0.1/',
  "a|b;c&d$(id)`id`",
  "%d%n%s%00",
  "\u202egnp.4pm",
  "nul\u0000byte",
  "<script>alert(1)</script>",
  "]]><!-- & -->",
  "../../../../etc/passwd",
  "\u001b[2J\u001b]0;x\u0007",
  "x".repeat(70_000),
];

/** MP4 and MOV whose numbers promise more than there is, or nest, or repeat. */
export const mp4Bombs: readonly HostileFile[] = [
  ...[
    [16384, 16384],
    [65535, 1],
    [1, 65535],
    [65535, 65535],
    [0, 0],
    [8192, 8192],
  ].map(([width = 0, height = 0]) =>
    withOptions(`${width}x${height} in the headers`, { width, height }),
  ),
  withOptions("2^32-1 entries in stts", { stts: full("stts", 0, 0, u32(MOST), u32(6), u32(1)) }),
  withOptions("a million times one picture in stts", {
    stts: full("stts", 0, 0, u32(1), u32(1_000_000), u32(1)),
  }),
  withOptions("a picture of 2^31 ticks", {
    stts: full("stts", 0, 0, u32(1), u32(6), u32(0x7fffffff)),
  }),
  withOptions("pictures without a duration", { stts: full("stts", 0, 0, u32(1), u32(6), u32(0)) }),
  withOptions("negative durations", { stts: full("stts", 0, 0, u32(1), u32(6), u32(MOST - 5)) }),
  withOptions("2^32-1 samples of 4 GB", { stsz: full("stsz", 0, 0, u32(MOST), u32(MOST)) }),
  withOptions("2^32-1 samples without bytes", { stsz: full("stsz", 0, 0, u32(0), u32(MOST)) }),
  withOptions("a million packets of one byte", {
    stsz: full("stsz", 0, 0, u32(1), u32(1_000_000)),
    stts: full("stts", 0, 0, u32(1), u32(1_000_000), u32(1)),
    stsc: full("stsc", 0, 0, u32(1), u32(1), u32(1_000_000), u32(1)),
  }),
  withOptions("a million packets without bytes", () => ({
    stsz: full("stsz", 0, 0, u32(0), u32(1_000_000), zeros(4_000_000)),
    stts: full("stts", 0, 0, u32(1), u32(1_000_000), u32(1)),
    stsc: full("stsc", 0, 0, u32(1), u32(1), u32(1_000_000), u32(1)),
  })),
  withOptions("2^32-1 entries in stsc", {
    stsc: full("stsc", 0, 0, u32(MOST), u32(1), u32(6), u32(1)),
  }),
  withOptions("2^32-1 samples a chunk", {
    stsc: full("stsc", 0, 0, u32(1), u32(1), u32(MOST), u32(1)),
  }),
  withOptions("2^32-1 chunks", { stco: (at) => full("stco", 0, 0, u32(MOST), u32(at)) }),
  withOptions("a chunk at 2^63", { stco: () => full("co64", 0, 0, u32(1), u64(1n << 63n)) }),
  withOptions("a chunk in the header", { stco: () => full("stco", 0, 0, u32(1), u32(4)) }),
  withOptions("2^32-1 composition offsets", {
    inStbl: full("ctts", 0, 0, u32(MOST), u32(1), u32(5)),
  }),
  withOptions("composition offsets of 2^31", {
    inStbl: full("ctts", 1, 0, u32(1), u32(6), u32(0x80000000)),
  }),
  withOptions("2^32-1 sync samples", { inStbl: full("stss", 0, 0, u32(MOST), u32(1)) }),
  withOptions("no sync samples", { inStbl: full("stss", 0, 0, u32(0)) }),
  withOptions("2^32-1 sample groups", {
    inStbl: full("sbgp", 0, 0, ascii("rap "), u32(MOST), u32(1), u32(1)),
  }),
  ...[1n << 63n, (1n << 63n) - 1n, (1n << 64n) - 2n, 31_557_600_000n].map((duration) =>
    withOptions(`a duration of ${duration}`, { duration }),
  ),
  ...[0, 1, 0x7fffffff, MOST].map((timescale) =>
    withOptions(`a timescale of ${timescale}`, { timescale }),
  ),
  withOptions("2^32-1 edits", {
    edts: box("edts", full("elst", 0, 0, u32(MOST), u32(6), u32(0), u32(0x10000))),
  }),
  withOptions("a hundred thousand edits that begin again", () => ({
    edts: box(
      "edts",
      full(
        "elst",
        0,
        0,
        u32(100_000),
        repeat(100_000, () => join(u32(6), u32(0), u32(0x10000))),
      ),
    ),
  })),
  withOptions("edits that go back and forth", {
    edts: edits(...Array.from({ length: 64 }, (_, index) => [2, index % 2 === 0 ? 4 : 0] as const)),
  }),
  withOptions("an edit that begins behind the end", { edts: edits([6, 0x7fffffff]) }),
  withOptions("an empty edit of 2^31 ticks", { edts: edits([0x7fffffff, MOST], [6, 0]) }),
  withOptions("edits at rates of 0 and 32767", { edts: edits([6, 0, 0], [6, 0, 32767]) }),
  withOptions("a matrix of zeros", { matrix: zeros(36) }),
  withOptions("a matrix at its greatest", { matrix: Buffer.alloc(36, 0x7f) }),
  withOptions("a matrix that leans", {
    matrix: join(...[0x8000, 0x4000, 0, 0x1234, 0x9876, 0, 0, 0, 0x40000000].map(u32)),
  }),
  ...[200, 2_000].map((tracks) => withOptions(`${tracks} tracks`, { tracks })),
  withOptions("boxes 10,000 deep in the movie", { inMoov: nested("udta", 10_000) }),
  withOptions("metadata 10,000 deep", { inMoov: nested("meta", 10_000, zeros(0), u32(0)) }),
  withOptions("tracks 5,000 deep", { inMoov: nested("trak", 5_000) }),
  {
    name: "MP4: movies 20,000 deep",
    make: () => join(box("ftyp", ascii("isom"), u32(0)), nested("moov", 20_000)),
  },
  {
    name: "MP4: a box of 2^63 bytes",
    make: () =>
      join(box("ftyp", ascii("isom"), u32(0)), boxClaiming(1, "moov", u64(1n << 63n), zeros(100))),
  },
  {
    name: "MP4: a movie of 4 GB in 200 bytes",
    make: () => join(box("ftyp", ascii("isom"), u32(0)), boxClaiming(MOST, "moov", zeros(200))),
  },
  {
    name: "MP4: a box smaller than its header",
    make: () => join(box("ftyp", ascii("isom"), u32(0)), boxClaiming(3, "moov"), zeros(100)),
  },
  {
    name: "MP4: ten thousand brands and nothing else",
    make: () =>
      box(
        "ftyp",
        ascii("isom"),
        u32(0),
        repeat(10_000, () => ascii("iso6")),
      ),
  },
  {
    name: "MP4: a hundred thousand empty boxes",
    make: () =>
      join(
        box("ftyp", ascii("isom"), u32(0)),
        repeat(100_000, () => box("free")),
      ),
  },
  withOptions("a cover of 4 GB", {
    inMoov: metadata(
      boxClaiming(MOST, "covr", boxClaiming(MOST - 8, "data", u32(13), u32(0), zeros(100))),
    ),
  }),
  withOptions("a cover of 8 MB of zeros", () => ({
    inMoov: metadata(box("covr", box("data", u32(13), u32(0), zeros(8_000_000)))),
  })),
  withOptions("a thousand covers", {
    inMoov: metadata(
      box(
        "covr",
        repeat(1_000, () => box("data", u32(13), u32(0), zeros(64))),
      ),
    ),
  }),
  ...INJECTIONS.map((value, index) =>
    withOptions(`a title and an artist that inject (${index + 1})`, {
      inMoov: metadata(text("\u00a9nam", value), text("\u00a9ART", value), text("desc", value)),
    }),
  ),
  withOptions("a handler's name that injects", { handlerName: '"><script>\n#EXTINF:1,\n' }),
  withOptions("a language of all ones", { language: 0xffff }),
  withOptions("H.264 without its configuration", { entry: visualEntry("avc1", 96, 64) }),
  withOptions("an empty H.264 configuration", { entry: visualEntry("avc1", 96, 64, box("avcC")) }),
  withOptions("H.264 with 31 sets of 65535 bytes", {
    entry: visualEntry(
      "avc1",
      96,
      64,
      box(
        "avcC",
        u32(0x0164001f),
        u8(0xff),
        u8(0xff),
        repeat(31, () => u16(0xffff)),
      ),
    ),
  }),
  withOptions("HEVC with 65535 arrays", {
    entry: visualEntry(
      "hvc1",
      96,
      64,
      box(
        "hvcC",
        u8(1),
        zeros(21),
        u8(0xff),
        repeat(255, () => join(u8(0x20), u16(0xffff))),
      ),
    ),
  }),
  withOptions("an unknown codec", { entry: visualEntry("zzzz", 96, 64) }),
  withOptions("MagicYUV", { entry: visualEntry("M8RG", 96, 64) }),
  withOptions("sound described as pictures", { entry: soundEntry("mp4a", 65535, 65535) }),
  withOptions("a palette that is not there", { entry: visualEntry("8BPS", 96, 64, box("clut")) }),
  withOptions("pixels of 1 to 2^31", {
    entry: visualEntry("jpeg", 96, 64, box("pasp", u32(1), u32(0x7fffffff))),
  }),
  withOptions("a clean aperture of nothing", {
    entry: visualEntry("jpeg", 96, 64, box("clap", ...[0, 0, 0, 0, MOST, 0, MOST, 0].map(u32))),
  }),
  withOptions("unknown colours", {
    entry: visualEntry(
      "jpeg",
      96,
      64,
      box("colr", ascii("nclx"), u16(255), u16(255), u16(255), u8(255)),
    ),
  }),
  withOptions("a colour profile of 4 GB", {
    entry: visualEntry("jpeg", 96, 64, boxClaiming(MOST, "colr", ascii("prof"))),
  }),
  withOptions("encryption without a key", {
    entry: visualEntry(
      "encv",
      96,
      64,
      box("sinf", box("frma", ascii("jpeg")), full("schm", 0, 0, ascii("cenc"), u32(0x10000))),
    ),
  }),
  {
    name: "MP4: ten thousand empty fragments",
    make: async () =>
      join(
        mp4([await clip("small.jpg")], {
          inMoov: box("mvex", full("trex", 0, 0, u32(1), u32(1), zeros(12))),
        }),
        repeat(10_000, (index) =>
          box(
            "moof",
            full("mfhd", 0, 0, u32(index)),
            box("traf", full("tfhd", 0, 0x20000, u32(1))),
          ),
        ),
      ),
  },
  {
    name: "MP4: a fragment of 2^32-1 samples",
    make: async () =>
      join(
        mp4([await clip("small.jpg")], {
          inMoov: box("mvex", full("trex", 0, 0, u32(1), u32(1), zeros(12))),
        }),
        box(
          "moof",
          full("mfhd", 0, 0, u32(1)),
          box(
            "traf",
            full("tfhd", 0, 0x20038, u32(1), u32(1), u32(0), u32(0)),
            full("trun", 0, 1, u32(MOST), u32(8)),
          ),
        ),
        box("mdat"),
      ),
  },
  {
    name: "MP4: an index of 2^16-1 fragments that point at each other",
    make: async () =>
      join(
        full(
          "sidx",
          0,
          0,
          u32(1),
          u32(10),
          u32(0),
          u32(0),
          u16(0),
          u16(65535),
          repeat(65535, () => join(u32(0x80000000), u32(1), u32(0))),
        ),
        mp4([await clip("small.jpg")]),
      ),
  },
];
