import type { Crop, Matrix, Primaries, Rational, VideoFacts } from "../source-facts.ts";
import { type Orientation, orientationOf } from "./orientation.ts";

/** Pictures made of interlaced ones: one per field or one per frame; `none` where there cannot be any. */
export type Deinterlace = "none" | "frames" | "fields";

/** What happens to every picture once, before the rungs part. */
export type PicturePlan = {
  readonly streamIndex: number;
  readonly deinterlace: Deinterlace;
  /** Brings high dynamic range into the standard range; null for a source of standard range. */
  readonly toneMap: ToneMap | null;
  /** Matrix the source is converted from; null when it is BT.709 already, or has none. */
  readonly convertFrom: Exclude<Matrix, "bt709"> | null;
  /** Range of a picture that does not say its own. */
  readonly range: "limited" | "full";
  /** Light that a standard range source means otherwise than BT.709 does; null where it does not. */
  readonly light: Light | null;
  readonly orientation: Orientation;
  /** Size of the decoded pictures; a stream that changes it on the way is fitted into the planned one. */
  readonly decoded: { readonly width: number; readonly height: number };
  readonly sampleAspect: Rational;
  readonly crop: Crop | null;
};

export type ToneMap = {
  readonly transfer: "pq" | "hlg";
  /** What is shown as white, in cd/m²; anything brighter is clipped to it. */
  readonly peakNits: number;
};

export type Light = {
  readonly primaries: Primaries;
  readonly transfer: "sdr" | "gamma28" | "linear";
};

/**
 * Untagged pictures of this size and more are BT.709, smaller ones BT.601: what players guess (mpv by
 * both sides, browsers by a height of 720), and what standards say about SD and HD.
 */
const HD = { width: 1280, heightAbove: 576 } as const;

/** Most PQ is graded on displays of this peak, and says nothing when a phone or a converter made it. */
const USUAL_PEAK_NITS = 1000;

/** Peaks outside of this range are slips of an editor: PQ ends at 10,000, and below 400 nothing needs mapping. */
const PEAK_NITS = { least: 400, most: 10_000 } as const;

/** Decides how the pictures are brought upright, progressive and to BT.709. */
export const planPicture = (video: VideoFacts): PicturePlan => {
  const { transfer } = video;
  const isHdr = transfer === "pq" || transfer === "hlg";
  const matrix = video.matrix === "unknown" ? guessedMatrix(video) : video.matrix;
  return {
    streamIndex: video.streamIndex,
    deinterlace: !video.mayBeInterlaced ? "none" : video.interlaced ? "fields" : "frames",
    toneMap: isHdr ? { transfer, peakNits: peakOf(video) } : null,
    convertFrom: matrix === "bt709" || matrix === "rgb" ? null : matrix,
    range: video.range === "full" || matrix === "rgb" ? "full" : "limited",
    light: isHdr ? null : lightOf(video),
    orientation: orientationOf(video.displayMatrix),
    decoded: { width: video.width, height: video.height },
    sampleAspect: video.sampleAspect,
    crop: video.crop,
  };
};

const guessedMatrix = ({ width, height, transfer }: VideoFacts): Matrix => {
  if (transfer === "pq" || transfer === "hlg") return "bt2020";
  return width >= HD.width || height > HD.heightAbove ? "bt709" : "bt601";
};

const peakOf = ({ peakNits }: VideoFacts): number =>
  Math.min(PEAK_NITS.most, Math.max(PEAK_NITS.least, peakNits ?? USUAL_PEAK_NITS));

/** Untagged primaries are not guessed: taking them for BT.709 errs less than a wrong conversion. */
const lightOf = ({ primaries, transfer }: VideoFacts): Light | null => {
  const curve = transfer === "gamma28" || transfer === "linear" ? transfer : "sdr";
  const from = primaries === "unknown" ? "bt709" : primaries;
  return from === "bt709" && curve === "sdr" ? null : { primaries: from, transfer: curve };
};
