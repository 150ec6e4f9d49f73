import { ascii, join, le16, le32, zeros } from "./bytes.ts";

/** A chunk of RIFF, padded to an even length. */
export const chunk = (type: string, ...parts: readonly Uint8Array[]): Buffer => {
  const body = join(...parts);
  return join(ascii(type), le32(body.length), body, zeros(body.length % 2));
};

export const list = (type: string, ...parts: readonly Uint8Array[]): Buffer =>
  chunk("LIST", ascii(type), ...parts);

export type AviOptions = {
  readonly width?: number;
  readonly height?: number;
  readonly scale?: number;
  readonly rate?: number;
  readonly length?: number;
  readonly codec?: string;
  readonly moreStreams?: Uint8Array;
  readonly inMovie?: Uint8Array;
  readonly streams?: number;
};

/** A stream's header and format (AVISTREAMHEADER, BITMAPINFOHEADER). */
export const stream = ({
  width = 96,
  height = 64,
  scale = 1,
  rate = 10,
  length = 6,
  codec = "MJPG",
}: AviOptions): Buffer =>
  list(
    "strl",
    chunk(
      "strh",
      ascii("vids"),
      ascii(codec),
      zeros(12),
      le32(scale),
      le32(rate),
      zeros(4),
      le32(length),
      zeros(4),
      le32(0xffffffff),
      zeros(4),
      zeros(8),
    ),
    chunk(
      "strf",
      le32(40),
      le32(width),
      le32(height),
      le16(1),
      le16(24),
      ascii(codec),
      le32(0),
      zeros(16),
    ),
  );

/** A file of JPEG pictures. */
export const avi = (frames: readonly Uint8Array[], options: AviOptions = {}): Buffer => {
  const { width = 96, height = 64, streams = 1 } = options;
  const avih = chunk(
    "avih",
    le32(100_000),
    zeros(12),
    le32(frames.length),
    zeros(4),
    le32(streams),
    zeros(4),
    le32(width),
    le32(height),
    zeros(16),
  );
  const headers = list(
    "hdrl",
    avih,
    stream({ length: frames.length, ...options }),
    options.moreStreams ?? zeros(0),
  );
  const movie = list(
    "movi",
    ...frames.map((frame) => chunk("00dc", frame)),
    options.inMovie ?? zeros(0),
  );
  return chunk("RIFF", ascii("AVI "), headers, movie);
};
