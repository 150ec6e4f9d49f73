import {
  AV_DISPOSITION_CAPTIONS,
  AV_DISPOSITION_DEFAULT,
  AV_DISPOSITION_FORCED,
  AV_DISPOSITION_HEARING_IMPAIRED,
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

const MAX_LABEL_CHARACTERS = 200;

/** What the container says of every text stream that can be read, and how many others there are. */
export const textFacts = (
  streams: readonly Stream[],
): { readonly text: readonly TextFacts[]; readonly unsupported: number } => {
  const all = streams.filter(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_SUBTITLE);
  const text = all.flatMap((stream): TextFacts[] => {
    const codec = avGetCodecName(stream.codecpar.codecId) ?? "";
    const format = Object.hasOwn(FORMATS, codec) ? FORMATS[codec] : undefined;
    return format === undefined ? [] : [factsOf(stream, format)];
  });
  return { text, unsupported: all.length - text.length };
};

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
