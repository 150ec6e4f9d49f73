import { avGetCodecName, type Stream } from "node-av/lib";
import type { AudioFacts } from "../source-facts.ts";
import { allowedDecoder } from "./allow-list.ts";

/** What an audio stream's header says. */
export const audioFacts = (stream: Stream): AudioFacts & { isAllowed: boolean } => {
  const codec = avGetCodecName(stream.codecpar.codecId) ?? "unknown";
  return {
    isAllowed: allowedDecoder(codec) !== null,
    streamIndex: stream.index,
    codec,
    language: languageCode(stream.metadata?.get("language") ?? ""),
    channels: stream.codecpar.channels,
  };
};

/** Containers hold ISO 639-2 codes; only what looks like one may become part of a name or a manifest. */
const languageCode = (value: string): string =>
  /^[a-z]{2,3}$/i.test(value) ? value.toLowerCase() : "und";
