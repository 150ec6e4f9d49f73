import { SluiceError } from "../../errors.ts";
import { silence } from "../ffmpeg/silence.ts";
import type { Sound } from "../ffmpeg/sound-graph.ts";
import type { SoundReader } from "../ffmpeg/sound-reader.ts";
import type { TranscodePlan } from "../plan/plan.ts";
import { toNumber } from "../source-facts.ts";

/** Sound and where it begins, in seconds from the presentation's start; `sound` is valid until the next one is asked for. */
export type PlacedSound = { readonly sound: Sound; readonly seconds: number };

/**
 * Longer gaps are filled with silence in pieces of this length, so that a file which claims a gap of
 * hours costs time but no memory. Shorter ones are left to the resampler.
 */
const SILENCE_SECONDS = 1;

/**
 * A track from start to end in presentation time, the same for whoever asks: what measures it hears
 * what is encoded. Throws `source_too_long`, or the signal's reason.
 */
export const walkSound = async function* (
  reader: SoundReader,
  plan: TranscodePlan,
  signal: AbortSignal,
): AsyncGenerator<PlacedSound> {
  const capSeconds = plan.maxFrames / toNumber(plan.frameRate);
  let endSeconds = 0;
  for await (const { frame, seconds } of reader.sounds()) {
    try {
      signal.throwIfAborted();
      const stated = seconds === null ? endSeconds : seconds - plan.originSeconds;
      // A jump beyond everything that is accepted is a damaged timestamp, not a pause.
      const start = stated > capSeconds ? endSeconds : stated;
      if (start > capSeconds) throw new SluiceError("source_too_long");
      while (start - endSeconds > SILENCE_SECONDS) {
        const gap = silence(frame, frame.sampleRate * SILENCE_SECONDS);
        try {
          yield { sound: gap, seconds: endSeconds };
          endSeconds += SILENCE_SECONDS;
        } finally {
          gap.free();
        }
      }
      yield { sound: frame, seconds: start };
      endSeconds = start + frame.nbSamples / frame.sampleRate;
    } finally {
      frame.free();
    }
  }
};
