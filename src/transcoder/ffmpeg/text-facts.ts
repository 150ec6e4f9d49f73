import {
  AV_DISPOSITION_CAPTIONS,
  AV_DISPOSITION_DEFAULT,
  AV_DISPOSITION_FORCED,
  AV_DISPOSITION_HEARING_IMPAIRED,
  AVMEDIA_TYPE_DATA,
  AVMEDIA_TYPE_SUBTITLE,
} from "node-av/constants";
import { avGetCodecName, type Stream } from "node-av/lib";
import type { TextFacts, TextFormat } from "../source-facts.ts";

/**
 * By FFmpeg's codec name: how the packets are read. No decoder of FFmpeg takes part, and pictures of
 * text (DVB, DVD, PGS) are not on the list.
 */
const FORMATS: Readonly<Record<string, TextFormat>> = {
  mov_text: "mov-text",
  subrip: "srt",
  text: "srt",
  ass: "ass",
  ssa: "ass",
  webvtt: "web-vtt",
};

/** Sample entries of text in MP4 that FFmpeg takes for data, by their four letters. */
const MP4_TEXT: Readonly<Record<string, TextFormat | null>> = { wvtt: "mp4-web-vtt", stpp: null };

const MAX_LABEL_CHARACTERS = 200;

/** What the container says of every text stream that can be read, and how many others there are. */
export const textFacts = (
  streams: readonly Stream[],
): { readonly text: readonly TextFacts[]; readonly unsupported: number } => {
  const all = streams.filter(isText);
  const text = all.flatMap((stream): TextFacts[] => {
    const format = formatOf(stream);
    return format === null ? [] : [factsOf(stream, format)];
  });
  return { text, unsupported: all.length - text.length };
};

const isText = (stream: Stream): boolean =>
  stream.codecpar.codecType === AVMEDIA_TYPE_SUBTITLE || Object.hasOwn(MP4_TEXT, mp4Name(stream));

const formatOf = (stream: Stream): TextFormat | null => {
  const codec = avGetCodecName(stream.codecpar.codecId) ?? "";
  if (Object.hasOwn(FORMATS, codec)) return FORMATS[codec] ?? null;
  return MP4_TEXT[mp4Name(stream)] ?? null;
};

/** Four letters of the sample entry of a stream that FFmpeg takes for data; empty for any other. */
const mp4Name = ({ codecpar }: Stream): string =>
  codecpar.codecType === AVMEDIA_TYPE_DATA
    ? String.fromCharCode(
        ...[0, 8, 16, 24].map((shift) => (Number(codecpar.codecTag) >>> shift) & 255),
      )
    : "";

const factsOf = (stream: Stream, format: TextFormat): TextFacts => ({
  streamIndex: stream.index,
  format,
  language: stream.metadata?.get("language") ?? "und",
  label: (stream.metadata?.get("title") ?? "").slice(0, MAX_LABEL_CHARACTERS),
  isDefault: stream.hasDisposition(AV_DISPOSITION_DEFAULT),
  isForced: stream.hasDisposition(AV_DISPOSITION_FORCED),
  isCaptions:
    stream.hasDisposition(AV_DISPOSITION_HEARING_IMPAIRED) ||
    stream.hasDisposition(AV_DISPOSITION_CAPTIONS),
});
