import { averageBandwidth, peakBandwidth } from "../presentation/bandwidth.ts";
import { targetDurationSeconds } from "../presentation/hls-durations.ts";
import type { AudioTrack, Presentation, VideoTrack } from "../presentation/presentation.ts";
import { tracksOf } from "../presentation/timing.ts";
import type {
  RenditionSummary,
  SoundSummary,
  SourceWarning,
  TranscodeResult,
} from "../videos/job-message.ts";
import type { AudioPlan } from "./plan/audio-plan.ts";
import type { QualityMeans } from "./quality-means.ts";
import { type Rational, toNumber } from "./source-facts.ts";

/** What the backend keeps of a finished presentation. */
export const transcodeResult = ({
  presentation,
  frameRate,
  qualities,
  poster,
  sound,
  otherBytes,
  warnings,
}: {
  readonly presentation: Presentation;
  readonly frameRate: Rational;
  readonly qualities: QualityMeans;
  /** Name of the poster relative to the presentation, or null. */
  readonly poster: string | null;
  /** The tracks that were written. */
  readonly sound: readonly AudioPlan[];
  /** Bytes of everything that was written but the media segments. */
  readonly otherBytes: number;
  readonly warnings: readonly SourceWarning[];
}): TranscodeResult => {
  const target = targetDurationSeconds(presentation);
  const top = presentation.video.at(-1);
  const mediaBytes = tracksOf(presentation).reduce((sum, track) => sum + bytesOf(track), 0);
  return {
    durationSeconds: presentation.durationSeconds,
    width: top?.width ?? null,
    height: top?.height ?? null,
    frameRate: top === undefined ? null : toNumber(frameRate),
    hasAudio: presentation.audio.length > 0,
    renditions: presentation.video.map((track) => renditionSummary(track, target, qualities)),
    sound: sound.map(soundSummary),
    totalBytes: mediaBytes + otherBytes,
    poster,
    text: presentation.text.map(({ id, kind, language, label, isDefault, isForced }) => ({
      id,
      kind,
      language,
      label,
      isDefault,
      isForced,
    })),
    warnings: [...warnings],
  };
};

const renditionSummary = (
  track: VideoTrack,
  targetSeconds: number,
  qualities: QualityMeans,
): RenditionSummary => {
  const { name, width, height, codecs } = track;
  const ssim = qualities.of(track.path);
  return {
    name,
    width,
    height,
    codecs,
    frameRate: toNumber(track.frameRate),
    bandwidth: peakBandwidth(track, targetSeconds),
    averageBandwidth: averageBandwidth(track),
    bytes: bytesOf(track),
    ...(ssim === null ? {} : { ssim }),
  };
};

const soundSummary = ({ id, language, channels, loudness, gainDb }: AudioPlan): SoundSummary => ({
  id,
  language,
  channels,
  integratedLufs: loudness === null ? null : inHundredths(loudness.integratedLufs),
  truePeakDbtp: loudness === null ? null : inHundredths(loudness.truePeakDbtp),
  gainDb,
});

const inHundredths = (value: number): number => Math.round(value * 100) / 100;

const bytesOf = ({ segments }: VideoTrack | AudioTrack): number =>
  segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
