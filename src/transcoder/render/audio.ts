import { SoundEncoder } from "../ffmpeg/sound-encoder.ts";
import { SoundReader } from "../ffmpeg/sound-reader.ts";
import type { AudioPlan } from "../plan/audio-plan.ts";
import { AUDIO } from "../plan/ladder.ts";
import type { TranscodePlan } from "../plan/plan.ts";
import { firstPicture } from "../plan/timeline.ts";
import type { Source } from "../source.ts";
import type { SegmentSink } from "./segment-sink.ts";
import { walkSound } from "./sound-walk.ts";

export type AudioWork = {
  readonly source: Source;
  readonly plan: TranscodePlan;
  readonly track: AudioPlan;
  readonly sink: SegmentSink;
  readonly signal: AbortSignal;
  /** Where the pictures end, in seconds; asked once the sound has ended, and the sound is made to last as long. */
  readonly leastSeconds: () => Promise<number>;
  /** The track is encoded up to here. */
  readonly onSound: (trackId: string, seconds: number) => void;
};

export type AudioOutcome = {
  readonly id: string;
  readonly segments: number;
  /** Packets or frames of the source with errors. */
  readonly damaged: number;
};

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
  for await (const { sound, seconds } of walkSound(reader, plan, signal)) {
    for await (const bytes of encoder.encode(sound, seconds)) await publish(bytes);
    work.onSound(track.id, seconds);
  }
  for await (const bytes of encoder.finish(await work.leastSeconds())) await publish(bytes);
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
