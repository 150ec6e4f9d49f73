import { silence } from "../ffmpeg/silence.ts";
import { SoundEncoder } from "../ffmpeg/sound-encoder.ts";
import type { Sound } from "../ffmpeg/sound-graph.ts";
import { SoundReader } from "../ffmpeg/sound-reader.ts";
import type { AudioPlan } from "../plan/audio-plan.ts";
import { AUDIO } from "../plan/ladder.ts";
import type { TranscodePlan } from "../plan/plan.ts";
import { firstPicture } from "../plan/timeline.ts";
import type { Source } from "../source.ts";
import { toNumber } from "../source-facts.ts";
import type { SegmentSink } from "./segment-sink.ts";

export type AudioWork = {
  readonly source: Source;
  readonly plan: TranscodePlan;
  readonly track: AudioPlan;
  readonly sink: SegmentSink;
  readonly signal: AbortSignal;
};

export type AudioOutcome = {
  readonly id: string;
  readonly segments: number;
  /** Packets or frames of the source with errors. */
  readonly damaged: number;
};

/**
 * Longer gaps are filled with silence in pieces of this length, so that a file which claims a gap of
 * hours costs time but no memory. Shorter ones are left to the resampler.
 */
const SILENCE_SECONDS = 1;

/** Encodes one language from start to end, cut where the pictures are cut. */
export const renderAudio = async (work: AudioWork): Promise<AudioOutcome> => {
  const { source, plan, track, sink, signal } = work;
  const ref = { kind: "audio", id: track.id } as const;
  await using reader = await SoundReader.open(source, track.streamIndex);
  using encoder = await SoundEncoder.open(track, segmentBoundary(plan, track));
  let segments = 0;
  const publish = async (bytes: Uint8Array): Promise<void> => {
    signal.throwIfAborted();
    segments += 1;
    if (segments === 1) await sink.init(ref, encoder.init);
    await sink.segment(ref, segments, bytes);
  };
  const capSeconds = plan.maxFrames / toNumber(plan.frameRate);
  let endSeconds = 0;
  const encode = async (sound: Sound, seconds: number): Promise<void> => {
    for await (const bytes of encoder.encode(sound, seconds)) await publish(bytes);
    endSeconds = seconds + sound.nbSamples / sound.sampleRate;
  };
  for await (const { frame, seconds } of reader.sounds()) {
    try {
      signal.throwIfAborted();
      const start = seconds === null ? endSeconds : seconds - plan.originSeconds;
      if (start > capSeconds) break;
      while (start - endSeconds > SILENCE_SECONDS) {
        const gap = silence(frame, frame.sampleRate * SILENCE_SECONDS);
        try {
          await encode(gap, endSeconds);
        } finally {
          gap.free();
        }
      }
      await encode(frame, start);
    } finally {
      frame.free();
    }
  }
  for await (const bytes of encoder.finish()) await publish(bytes);
  return { id: track.id, segments, damaged: reader.damaged };
};

/** Segments of sound begin with the first codec frame that is not before the picture's boundary. */
const segmentBoundary =
  (plan: TranscodePlan, { sampleRate }: AudioPlan) =>
  (segment: number): number => {
    const { numerator, denominator } = plan.frameRate;
    const samples = (firstPicture(plan.timeline, segment) * denominator * sampleRate) / numerator;
    return Math.ceil(samples / AUDIO.frameSamples) * AUDIO.frameSamples;
  };
