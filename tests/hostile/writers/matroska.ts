import { ascii, join, u8, u16, u64 } from "./bytes.ts";

/** An EBML element (RFC 8794 §5): id as hexadecimal, a size of eight bytes. */
export const ebml = (id: string, ...parts: readonly Uint8Array[]): Buffer => {
  const body = join(...parts);
  return join(Buffer.from(id, "hex"), u64(BigInt(body.length) | (1n << 56n)), body);
};

/** An element that claims another size; `-1` is "unknown". */
export const ebmlClaiming = (id: string, size: bigint, ...parts: readonly Uint8Array[]): Buffer =>
  join(Buffer.from(id, "hex"), u64(size < 0n ? (1n << 57n) - 1n : size | (1n << 56n)), ...parts);

/** An unsigned number of eight bytes. */
export const number = (value: bigint | number): Buffer => u64(BigInt(value));
export const float = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
};

/** Element ids of RFC 9559 §5.1. */
export const id = {
  segment: "18538067",
  info: "1549a966",
  scale: "2ad7b1",
  duration: "4489",
  title: "7ba9",
  next: "3e83bb",
  nextUid: "3eb923",
  tracks: "1654ae6b",
  track: "ae",
  trackNumber: "d7",
  trackUid: "73c5",
  kind: "83",
  codec: "86",
  private: "63a2",
  language: "22b59c",
  name: "536e",
  defaultDuration: "23e383",
  video: "e0",
  width: "b0",
  height: "ba",
  displayWidth: "54b0",
  displayHeight: "54ba",
  sound: "e1",
  rate: "b5",
  channels: "9f",
  bits: "6264",
  encodings: "6d80",
  encoding: "6240",
  compression: "5034",
  algorithm: "4254",
  settings: "4255",
  cluster: "1f43b675",
  time: "e7",
  block: "a3",
  group: "a0",
  plainBlock: "a1",
  blockDuration: "9b",
  attachments: "1941a469",
  attached: "61a7",
  fileName: "466e",
  mime: "4660",
  data: "465c",
  fileUid: "46ae",
  chapters: "1043a770",
  edition: "45b9",
  atom: "b6",
  chapterStart: "91",
  chapterUid: "73c4",
  tags: "1254c367",
  tag: "7373",
  simpleTag: "67c8",
  tagName: "45a3",
  tagText: "4487",
  cues: "1c53bb6b",
  cue: "bb",
  cueTime: "b3",
  cuePositions: "b7",
  cueTrack: "f7",
  cueCluster: "f1",
  seekHead: "114d9b74",
  seek: "4dbb",
  seekId: "53ab",
  seekAt: "53ac",
} as const;

export type MkvTrack = {
  readonly number: number;
  /** 1 pictures, 2 sound, 17 text. */
  readonly kind?: number;
  readonly codec?: string;
  readonly width?: number;
  readonly height?: number;
  readonly more?: Uint8Array;
};

/** A TrackEntry (§5.1.4.1). */
export const track = ({
  number: count,
  kind = 1,
  codec = "V_MJPEG",
  width = 96,
  height = 64,
  more = u8(0).subarray(1),
}: MkvTrack): Buffer =>
  ebml(
    id.track,
    ebml(id.trackNumber, number(count)),
    ebml(id.trackUid, number(count)),
    ebml(id.kind, u8(kind)),
    ebml(id.codec, ascii(codec)),
    ...(kind === 1
      ? [ebml(id.video, ebml(id.width, number(width)), ebml(id.height, number(height)))]
      : []),
    more,
  );

/** A SimpleBlock (§10.2) of one frame; time in ticks from its cluster. */
export const block = (count: number, time: number, frame: Uint8Array): Buffer =>
  ebml(id.block, u8(0x80 | count), u16(time), u8(0x80), frame);

export type MkvOptions = {
  readonly info?: Uint8Array;
  readonly tracks?: Uint8Array;
  readonly clusters?: Uint8Array;
  readonly before?: Uint8Array;
  readonly after?: Uint8Array;
};

/** A file of JPEG pictures, ten a second, unless an option says otherwise. */
export const mkv = (frames: readonly Uint8Array[], options: MkvOptions = {}): Buffer =>
  join(
    ebml("1a45dfa3", ebml("4282", ascii("matroska"))),
    ebmlClaiming(
      id.segment,
      -1n,
      options.before ?? u8(0).subarray(1),
      ebml(
        id.info,
        options.info ??
          join(ebml(id.scale, number(1_000_000)), ebml(id.duration, float(frames.length * 100))),
      ),
      options.tracks ?? ebml(id.tracks, track({ number: 1 })),
      options.clusters ??
        ebml(
          id.cluster,
          ebml(id.time, number(0)),
          ...frames.map((frame, index) => block(1, index * 100, frame)),
        ),
      options.after ?? u8(0).subarray(1),
    ),
  );
