import {
  AV_DISPOSITION_COMMENT,
  AV_DISPOSITION_DEFAULT,
  AV_DISPOSITION_DESCRIPTIONS,
  AV_DISPOSITION_HEARING_IMPAIRED,
  AV_DISPOSITION_VISUAL_IMPAIRED,
  type AVDisposition,
} from "node-av/constants";
import { avGetCodecName, type Stream } from "node-av/lib";
import type { SoundPurpose } from "../../presentation/presentation.ts";
import type { AudioFacts } from "../source-facts.ts";
import { allowedDecoder } from "./allow-list.ts";

/** Most channels that FFmpeg's resampler and mixer take (SWR_CH_MAX); the largest layout in use, 22.2, has 24. */
const MAX_CHANNELS = 64;

/**
 * Sample rates that are believed, in Hz: telephones have 8,000, some converters 768,000. At 1 Hz a packet
 * of some kilobytes lasts an hour, and brought to 48 kHz it fills the memory.
 */
const BELIEVABLE_RATE = { from: 4_000, to: 768_000 } as const;

const isBelievable = ({ channels, sampleRate }: Stream["codecpar"]): boolean =>
  channels <= MAX_CHANNELS &&
  sampleRate >= BELIEVABLE_RATE.from &&
  sampleRate <= BELIEVABLE_RATE.to;

/** What an audio stream's header says. */
export const audioFacts = (stream: Stream): AudioFacts & { isAllowed: boolean } => {
  const codec = avGetCodecName(stream.codecpar.codecId) ?? "unknown";
  return {
    isAllowed: allowedDecoder(codec) !== null && isBelievable(stream.codecpar),
    streamIndex: stream.index,
    codec,
    language: languageCode(stream.metadata?.get("language") ?? ""),
    channels: stream.codecpar.channels,
    isDefault: stream.hasDisposition(AV_DISPOSITION_DEFAULT),
    ...labelOf(stream),
    ...purposeOf(stream),
  };
};

const MAX_LABEL_CHARACTERS = 200;

const labelOf = (stream: Stream): { label?: string } => {
  const title = (stream.metadata?.get("title") ?? "").trim().slice(0, MAX_LABEL_CHARACTERS);
  return title === "" ? {} : { label: title };
};

const purposeOf = (stream: Stream): { purpose?: SoundPurpose } => {
  const has = (disposition: AVDisposition) => stream.hasDisposition(disposition);
  if (has(AV_DISPOSITION_COMMENT)) return { purpose: "commentary" };
  if (has(AV_DISPOSITION_VISUAL_IMPAIRED) || has(AV_DISPOSITION_DESCRIPTIONS)) {
    return { purpose: "description" };
  }
  if (has(AV_DISPOSITION_HEARING_IMPAIRED)) return { purpose: "clear-speech" };
  return {};
};

/** Containers hold ISO 639-2 codes; only what looks like one may become part of a name or a manifest. */
const languageCode = (value: string): string =>
  /^[a-z]{2,3}$/i.test(value) ? value.toLowerCase() : "und";
