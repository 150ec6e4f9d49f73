import { type SoundMeasure, SoundMeter } from "./ffmpeg/sound-meter.ts";
import { SoundReader } from "./ffmpeg/sound-reader.ts";
import type { AudioPlan } from "./plan/audio-plan.ts";
import type { TranscodePlan } from "./plan/plan.ts";
import { walkSound } from "./render/sound-walk.ts";
import { SoundShape } from "./sound-shape.ts";
import type { Source } from "./source.ts";

export type MeasureOptions = {
  readonly signal: AbortSignal;
  /** A little more of some track was heard. For a watchdog. */
  readonly onActivity: () => void;
};

/** What was found out about a planned track by decoding all of it. */
export type MeasuredTrack = SoundMeasure & {
  /** What a picture of the sound is drawn from; kept when there are no other pictures. */
  readonly shape: SoundShape | null;
};

/**
 * Listens to every planned track from start to end before anything is encoded, in the plan's order:
 * only then is it known where the presentation ends and how loud it is. Costs a hundredth of what
 * the encoders will. Throws `source_too_long`, `source_unsupported_codec` or the signal's reason,
 * and nothing native is left open either way.
 */
export const measureSound = async (
  source: Source,
  plan: TranscodePlan,
  options: MeasureOptions,
): Promise<MeasuredTrack[]> => {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const measuring = plan.audio.map((track) =>
    measureTrack(source, plan, track, { ...options, signal }).catch((thrown: unknown) => {
      failed.abort(thrown);
      throw thrown;
    }),
  );
  await Promise.allSettled(measuring);
  if (options.signal.aborted) throw options.signal.reason;
  if (failed.signal.aborted) throw failed.signal.reason;
  return Promise.all(measuring);
};

const measureTrack = async (
  source: Source,
  plan: TranscodePlan,
  track: AudioPlan,
  { signal, onActivity }: MeasureOptions,
): Promise<MeasuredTrack> => {
  const shape = plan.picture === null ? new SoundShape() : null;
  await using reader = await SoundReader.open(source, track.streamIndex);
  using meter = await SoundMeter.open(track, (planes) => shape?.add(planes));
  for await (const { sound, seconds } of walkSound(reader, plan, signal)) {
    await meter.hear(sound, seconds);
    onActivity();
  }
  return { ...(await meter.finish()), shape };
};
