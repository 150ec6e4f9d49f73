import { SluiceError } from "../errors.ts";
import type { SourceWarning } from "../videos/job-message.ts";
import { MAX_PIXELS, MAX_STREAMS } from "./ffmpeg/allow-list.ts";
import { MediaInput } from "./ffmpeg/media-input.ts";
import { measureRungLosses } from "./ffmpeg/picture-detail.ts";
import { type ContainerFacts, keyframeTimeBefore, readFacts } from "./ffmpeg/read-facts.ts";
import { describeChoice } from "./plan/choose-video.ts";
import { diagnoseUnreadable } from "./signature.ts";
import type { Source } from "./source.ts";
import type { SourceFacts } from "./source-facts.ts";

export type SourceLimits = {
  /** Longest source accepted, in seconds. */
  readonly maxDurationSeconds: number;
};

/** Smallest and largest side of a picture, in pixels: below, x264 has nothing to work on; above, one picture is over 200 MB. */
const SIDE_PIXELS = { least: 16, most: 8192 } as const;

/** Fewer bits per second than this are a reason to doubt the header's length: an empty picture alone takes more. */
const LEAST_BITS_PER_SECOND = 1000;

/** How close to the cap a keyframe must be found to prove that the source is that long; keyframes can be far apart. */
const PROOF_OF_LENGTH = 0.95;

/** Streams that open their GOPs lose a picture or two at every start; more than this is a loss, in seconds. */
const LEAST_LATE_SECONDS = 0.25;

export type Probe = { readonly facts: SourceFacts; readonly warnings: readonly SourceWarning[] };

/**
 * Looks at a source and refuses what cannot be used. Throws `source_*` errors: unsupported container
 * or codec, truncated, nothing to see or hear, bad dimensions, too long, too many streams.
 */
export const probe = async (source: Source, limits: SourceLimits): Promise<Probe> => {
  await using input = await openInput(source);
  const found = await readFacts(input);
  if (found.streamCount === 0) throw new SluiceError("source_no_streams");
  if (found.streamCount > MAX_STREAMS) throw new SluiceError("source_too_many_streams");
  const { video } = found;
  if (video === null) judgeSoundAlone(found);
  else judgePictures(video);
  const warnings: SourceWarning[] = [];
  const choice = describeChoice(found.choice);
  if (choice !== null) warnings.push({ code: "other_video_ignored", message: choice });
  if (video !== null && video.lateSeconds > LEAST_LATE_SECONDS) {
    warnings.push({
      code: "start_undecodable",
      message: `The first ${video.lateSeconds.toFixed(1)} s of pictures cannot be decoded, because the file begins between two keyframes; the first whole picture stands in for them.`,
    });
  }
  const audio = found.audio.filter(({ isAllowed }) => isAllowed);
  if (audio.length < found.audio.length) {
    warnings.push({
      code: "audio_unsupported",
      message: "Some of the sound is in a format that is not supported and was left out.",
    });
  }
  if (found.unsupportedText > 0) {
    warnings.push({
      code: "text_unsupported",
      message:
        "Some of the subtitles are pictures or in a format that is not supported; they were left out.",
    });
  }
  const durationSeconds = await believableDuration(input, source, found, limits);
  if (durationSeconds === null && found.durationSeconds !== null) {
    warnings.push({
      code: "duration_unreliable",
      message: "The file states a wrong length; it was converted as far as it goes.",
    });
  }
  const { container, originSeconds } = found;
  const length = { originSeconds, durationSeconds };
  const rungLosses = video === null ? [] : await measureRungLosses(source, video, length);
  const { text } = found;
  const facts = { container, originSeconds, durationSeconds, video, audio, text, rungLosses };
  return { facts: { ...facts, sizeBytes: source.sizeBytes }, warnings };
};

const openInput = async (source: Source): Promise<MediaInput> => {
  try {
    return await MediaInput.open(source);
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.fault === "source") {
      throw await diagnoseUnreadable(source, thrown);
    }
    throw thrown;
  }
};

const judgePictures = (video: NonNullable<ContainerFacts["video"]>): void => {
  if (!video.isAllowed) {
    throw new SluiceError("source_unsupported_codec", {
      message: `The video in this file is in a format that is not supported (${video.codec}).`,
    });
  }
  if (video.isDolbyVisionOnly) throw new SluiceError("source_unsupported_colour");
  const { least, most } = SIDE_PIXELS;
  const shortest = Math.min(video.width, video.height);
  const longest = Math.max(video.width, video.height);
  if (shortest < least || longest > most || shortest * longest > MAX_PIXELS) {
    throw new SluiceError("source_bad_dimensions", {
      message: `The picture is ${video.width}x${video.height}; each side must have ${least} to ${most} pixels, and both together no more than 8192x4352.`,
    });
  }
};

const judgeSoundAlone = ({ audio }: ContainerFacts): void => {
  if (audio.length === 0) throw new SluiceError("source_no_streams");
  if (audio.some(({ isAllowed }) => isAllowed)) return;
  const codecs = [...new Set(audio.map(({ codec }) => codec))].join(", ");
  throw new SluiceError("source_unsupported_codec", {
    message: `The sound in this file is in a format that is not supported (${codecs}).`,
  });
};

/** The header's length, or null when the file cannot be that long; throws `source_too_long` when it really is. */
const believableDuration = async (
  input: MediaInput,
  source: Source,
  { video, durationSeconds, originSeconds }: ContainerFacts,
  { maxDurationSeconds }: SourceLimits,
): Promise<number | null> => {
  if (durationSeconds === null) return null;
  if (video === null) return durationSeconds <= maxDurationSeconds ? durationSeconds : null;
  const reaches = async (seconds: number): Promise<boolean> => {
    const at = await keyframeTimeBefore(input, video.streamIndex, originSeconds + seconds);
    return at !== null && at - originSeconds >= seconds * PROOF_OF_LENGTH;
  };
  if (durationSeconds <= maxDurationSeconds) {
    const isSparse = (source.sizeBytes * 8) / durationSeconds < LEAST_BITS_PER_SECOND;
    // A slide show of hours takes as few bits as a header that lies; pictures near the end tell them apart.
    return !isSparse || (await reaches(durationSeconds)) ? durationSeconds : null;
  }
  if (await reaches(maxDurationSeconds)) {
    throw new SluiceError("source_too_long", {
      message: `The video is longer than the ${maxDurationSeconds} seconds this server accepts.`,
    });
  }
  return null;
};
