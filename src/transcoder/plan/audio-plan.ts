import type { SourceFacts } from "../source-facts.ts";
import { AUDIO, MAX_AUDIO_TRACKS } from "./ladder.ts";

export type AudioPlan = {
  readonly streamIndex: number;
  /** Folder name: the language, with a number where one occurs twice. */
  readonly id: string;
  readonly language: string;
  readonly channels: 1 | 2;
  readonly bitRate: number;
  readonly sampleRate: number;
};

/** Which tracks are taken and in which form; the first is the default one. */
export const planAudio = ({ audio }: SourceFacts): AudioPlan[] => {
  const seen = new Map<string, number>();
  return audio.slice(0, MAX_AUDIO_TRACKS).map(({ streamIndex, language, channels }) => {
    const count = (seen.get(language) ?? 0) + 1;
    seen.set(language, count);
    return {
      streamIndex,
      id: count === 1 ? language : `${language}-${count}`,
      language,
      channels: channels === 1 ? 1 : 2,
      bitRate: 1000 * (channels === 1 ? AUDIO.monoKbps : AUDIO.stereoKbps),
      sampleRate: AUDIO.sampleRate,
    };
  });
};
