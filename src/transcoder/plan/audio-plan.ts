import type { AudioFacts, SourceFacts } from "../source-facts.ts";
import type { Loudness } from "./gain.ts";
import { AUDIO, MAX_AUDIO_TRACKS } from "./ladder.ts";

/** What sound is made into before it is encoded: planar float samples. */
export type SoundForm = {
  readonly channels: 1 | 2;
  readonly sampleRate: number;
};

export type AudioPlan = SoundForm & {
  readonly streamIndex: number;
  /** Folder name: the language, with a number where one occurs twice. */
  readonly id: string;
  readonly language: string;
  readonly bitRate: number;
  /** What the source's track measures; null for silence, and before it was measured. */
  readonly loudness: Loudness | null;
  /** What is added to the whole track, in dB; 0 before it was measured. */
  readonly gainDb: number;
};

/** Which tracks are taken and in which form; the first is the default one. */
export const planAudio = ({ audio }: SourceFacts): AudioPlan[] => {
  const seen = new Map<string, number>();
  return audio.slice(0, MAX_AUDIO_TRACKS).map((facts) => {
    const { streamIndex, language } = facts;
    const count = (seen.get(language) ?? 0) + 1;
    seen.set(language, count);
    return {
      streamIndex,
      id: count === 1 ? language : `${language}-${count}`,
      language,
      ...formOf(facts),
      loudness: null,
      gainDb: 0,
    };
  });
};

const formOf = ({ channels }: AudioFacts): SoundForm & { readonly bitRate: number } => ({
  channels: channels === 1 ? 1 : 2,
  sampleRate: AUDIO.sampleRate,
  bitRate: 1000 * (channels === 1 ? AUDIO.monoKbps : AUDIO.stereoKbps),
});
