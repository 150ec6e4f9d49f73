/** Where finished bytes go. A promise that resolves late holds the encoders back. */
export type SegmentSink = {
  /** The header of a track; comes before its first segment, and once per run. */
  readonly init: (track: TrackRef, bytes: Uint8Array) => Promise<void>;
  /** A closed segment; `number` counts from 1. */
  readonly segment: (track: TrackRef, number: number, bytes: Uint8Array) => Promise<void>;
  /**
   * How like their source the pictures of the segments since the last call became: the mean SSIM of
   * their luma, null when unknown. Comes once for every encoder, after its last segment.
   */
  readonly quality: (track: TrackRef, pictures: number, ssim: number | null) => void;
  /** A JPEG; a later one replaces an earlier one. */
  readonly poster: (bytes: Uint8Array) => void;
  /** A full sheet of thumbnails, a JPEG, or the last one with fewer `tiles`; `number` counts from 1. */
  readonly sheet: (number: number, tiles: number, bytes: Uint8Array) => Promise<void>;
};

/** A track of the plan, by the id of its rung or language. */
export type TrackRef = { readonly kind: "video" | "audio"; readonly id: string };
