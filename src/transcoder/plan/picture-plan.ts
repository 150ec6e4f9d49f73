import type { Crop, Rational, VideoFacts } from "../source-facts.ts";
import { type Orientation, orientationOf } from "./orientation.ts";

/** Pictures made of interlaced ones: one per field or one per frame; `none` where there cannot be any. */
export type Deinterlace = "none" | "frames" | "fields";

/** What happens to every picture once, before the rungs part. */
export type PicturePlan = {
  readonly streamIndex: number;
  readonly deinterlace: Deinterlace;
  readonly toneMap: boolean;
  /** Matrix the source is converted from; null when it is BT.709 already. */
  readonly convertFrom: "bt601" | "bt2020" | null;
  readonly orientation: Orientation;
  /** Size of the decoded pictures; a stream that changes it on the way is fitted into the planned one. */
  readonly decoded: { readonly width: number; readonly height: number };
  readonly sampleAspect: Rational;
  readonly crop: Crop | null;
};

/** Pictures up to this height without a tag are BT.601 by convention, higher ones BT.709. */
const SD_HEIGHT_LIMIT = 719;

/** Decides how the pictures are brought upright, progressive and to BT.709. */
export const planPicture = (video: VideoFacts): PicturePlan => {
  const isSd = Math.min(video.width, video.height) <= SD_HEIGHT_LIMIT;
  const matrix = video.matrix === "unknown" ? (isSd ? "bt601" : "bt709") : video.matrix;
  return {
    streamIndex: video.streamIndex,
    deinterlace: !video.mayBeInterlaced ? "none" : video.interlaced ? "fields" : "frames",
    toneMap: video.transfer !== "sdr",
    convertFrom: matrix === "bt709" ? null : matrix,
    orientation: orientationOf(video.displayMatrix),
    decoded: { width: video.width, height: video.height },
    sampleAspect: video.sampleAspect,
    crop: video.crop,
  };
};
