import type { ThumbnailSheet } from "../presentation/presentation.ts";
import type { QualitySum } from "./quality-means.ts";
import type { WrittenTrack } from "./written-track.ts";

/** How much of a rung is whole: segments from the first one on, and their quality, null when unknown. */
export type WholeRung = { readonly segments: number; readonly quality: QualitySum | null };

/** What of an unfinished presentation lies in its output. */
export type Published = {
  /** By folder; rungs alone. */
  readonly tracks: ReadonlyMap<string, WrittenTrack>;
  /** The headers' bytes, by folder. */
  readonly headers: ReadonlyMap<string, Uint8Array>;
  /** By the rung's id. */
  readonly whole: ReadonlyMap<string, WholeRung>;
  readonly sheets: readonly ThumbnailSheet[];
  /** The poster chosen so far; it is written in the end. */
  readonly poster: Uint8Array | null;
};

/** Thrown when what was made now does not fit what an earlier attempt made: then everything is made anew. */
export class ResumeFailed extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(`an earlier attempt's segments cannot be used: ${reason}`, options);
  }
}
