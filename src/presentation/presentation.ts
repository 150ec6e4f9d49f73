/**
 * What one finished (or growing) presentation consists of. The manifests are pure functions of this
 * value, so DASH and HLS cannot disagree, and no manifest can name a segment that is not in it.
 */
export type Presentation = {
  /** Longest of the tracks, in seconds. */
  readonly durationSeconds: number;
  /** Rungs, lowest first. Empty for an audio-only source. */
  readonly video: readonly VideoTrack[];
  /** The default one first; empty when the source is silent. */
  readonly audio: readonly AudioTrack[];
  /** Subtitles and captions, in the order in which players list them; at most one is the default. */
  readonly text: readonly TextTrack[];
  /** Pictures for searching; left out where there are none. */
  readonly thumbnails?: ThumbnailTrack;
};

/** One media segment that has been written. */
export type Segment = {
  /** In the track's timescale. */
  readonly durationTicks: number;
  readonly sizeBytes: number;
};

/** One IDR picture with the fragment header that describes it: a byte range that decodes alone. */
export type IFrame = {
  /** Number of the segment that holds it. */
  readonly segmentNumber: number;
  /** First byte of the range in the segment: the `moof`. */
  readonly offsetBytes: number;
  /** Up to and with the picture's last byte. */
  readonly sizeBytes: number;
  /** To the next such picture or the end, in the track's timescale. */
  readonly durationTicks: number;
};

type Track = {
  /** Unique in the presentation and used as the MPD's Representation id. */
  readonly id: string;
  /** Folder relative to the manifests; holds `init.mp4` and `1.m4s`, `2.m4s`, … */
  readonly path: string;
  /** RFC 6381 codecs value, read from the init segment. */
  readonly codecs: string;
  /** Ticks per second of `tfdt` and of the segment durations. */
  readonly timescale: number;
  /** Decode time of the first segment, in ticks. */
  readonly startTicks: number;
  readonly segments: readonly Segment[];
};

export type VideoTrack = Track & {
  readonly kind: "video";
  /** Rung name, for example `720p`. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly frameRate: { readonly numerator: number; readonly denominator: number };
  /** In presentation order; the first picture of every segment is among them. */
  readonly iFrames: readonly IFrame[];
};

/** What a track of sound is, beside the one that a film is meant to be heard with. */
export type SoundPurpose = "commentary" | "description" | "clear-speech";

export type AudioTrack = Track & {
  readonly kind: "audio";
  /** The source's title of it; absent where it has none. */
  readonly label?: string;
  /** Absent for the sound of the film itself. */
  readonly purpose?: SoundPurpose;
  /** BCP 47 tag; `und` where the source says nothing. */
  readonly language: string;
  readonly channels: number;
  readonly sampleRate: number;
};

/** What a text track is for: `captions` also tell what is heard, for people who cannot hear it. */
export const textKinds = ["subtitles", "captions"] as const;
export type TextKind = (typeof textKinds)[number];

/** A text track: one WebVTT file over the whole length, which DASH and HLS share. */
export type TextTrack = {
  /** Unique in the presentation and used as the MPD's Representation id. */
  readonly id: string;
  /** Folder relative to the manifests; holds the WebVTT file and its media playlist. */
  readonly path: string;
  readonly kind: TextKind;
  /** BCP 47 tag; `und` where nothing says it. */
  readonly language: string;
  /** What people choose by; null to name it by its language. */
  readonly label: string | null;
  /** Shown unless the viewer chooses otherwise. */
  readonly isDefault: boolean;
  /** Only what must be read to follow the film, such as signs; players show it without being asked. */
  readonly isForced: boolean;
  readonly sizeBytes: number;
};

/** Equally spaced pictures, many to a sheet: rows from the top left, sheet after sheet from 0 seconds. */
export type ThumbnailTrack = {
  /** Folder relative to the manifests; holds `1.jpg`, `2.jpg`, … and the WebVTT index. */
  readonly path: string;
  /** Tiles beside and below each other on a sheet. */
  readonly columns: number;
  readonly rows: number;
  /** Pixels of one tile. */
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Ticks per second, and from one tile to the next. */
  readonly timescale: number;
  readonly tileTicks: number;
  /** All are full but the last, whose free places are black. */
  readonly sheets: readonly ThumbnailSheet[];
};

export type ThumbnailSheet = { readonly tiles: number; readonly sizeBytes: number };
