import type { SoundPurpose } from "../../presentation/presentation.ts";
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
  readonly label?: string;
  readonly purpose?: SoundPurpose;
  readonly bitRate: number;
  /** What the source's track measures; null for silence, and before it was measured. */
  readonly loudness: Loudness | null;
  /** What is added to the whole track, in dB; 0 before it was measured. */
  readonly gainDb: number;
};

/**
 * Which tracks are taken and in which form. The first one plays unasked: the container's default, else
 * its first, but a commentary or a description only where there is nothing else.
 */
export const planAudio = ({ audio }: SourceFacts): AudioPlan[] => {
  const seen = new Map<string, number>();
  return inOrder(audio).map((facts) => {
    const { streamIndex, language, label, purpose } = facts;
    const count = (seen.get(language) ?? 0) + 1;
    seen.set(language, count);
    return {
      streamIndex,
      id: count === 1 ? language : `${language}-${count}`,
      language,
      ...(label === undefined ? {} : { label }),
      ...(purpose === undefined ? {} : { purpose }),
      ...formOf(facts),
      loudness: null,
      gainDb: 0,
    };
  });
};

const inOrder = (audio: readonly AudioFacts[]): AudioFacts[] => {
  const main = audio.filter(({ purpose }) => purpose === undefined);
  const candidates = main.length > 0 ? main : audio;
  const first = candidates.find(({ isDefault }) => isDefault === true) ?? candidates[0];
  const others = audio.filter((track) => track !== first);
  return (first === undefined ? others : [first, ...others]).slice(0, MAX_AUDIO_TRACKS);
};

const formOf = ({ channels }: AudioFacts): SoundForm & { readonly bitRate: number } => ({
  channels: channels === 1 ? 1 : 2,
  sampleRate: AUDIO.sampleRate,
  bitRate: 1000 * (channels === 1 ? AUDIO.monoKbps : AUDIO.stereoKbps),
});
