import type { SoundPurpose } from "../presentation/presentation.ts";
/** What `probe` found out about a source, and all that `plan` knows of it. */
export type SourceFacts = {
  /** FFmpeg's demuxer name, for example `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly container: string;
  readonly sizeBytes: number | null;
  /** Length as far as it can be believed, in seconds; null when the header is missing or absurd. */
  readonly durationSeconds: number | null;
  /** Time of the earliest stream, in seconds: the presentation's zero. */
  readonly originSeconds: number;
  /** The pictures; null for a source of sound alone. */
  readonly video: VideoFacts | null;
  readonly audio: readonly AudioFacts[];
  /** Text streams that can be read; pictures of text are not among them. */
  readonly text: readonly TextFacts[];
  /** Absent where nothing was measured: every rung that fits is then made. */
  readonly rungLosses?: readonly RungLoss[];
};

/** What a rung shows that the one below it does not. */
export type RungLoss = {
  readonly rungId: string;
  /**
   * Root mean square of what the picture loses when it is brought to the size of the rung below and
   * back, in code values of 8-bit luma; the worst of several pictures.
   */
  readonly rms: number;
  /**
   * The same loss over all the pictures, as a part of what is lost on the way through half that size:
   * how much of its detail is of the finest kind. 0 to 1.
   */
  readonly octaveRatio: number;
};

export type VideoFacts = {
  readonly streamIndex: number;
  /** FFmpeg's decoder name. */
  readonly codec: string;
  /** Size of the decoded picture in pixels, before crop and rotation. */
  readonly width: number;
  readonly height: number;
  readonly sampleAspect: Rational;
  /** What the container cuts off the decoded picture before it is shown, in pixels; null when nothing. */
  readonly crop: Crop | null;
  /** The 3x3 display matrix in row order (ISO/IEC 14496-12, 8.3.2), wherever it was stored, or null. */
  readonly displayMatrix: readonly number[] | null;
  /** Pictures per second on average over the file; zero when unknown. */
  readonly averageRate: Rational;
  /** Lowest rate that represents all timestamps exactly, as FFmpeg guesses it; zero when unknown. */
  readonly baseRate: Rational;
  /** FFmpeg's pixel format name. */
  readonly pixelFormat: string;
  /** `unknown`: limited for YUV, as every player takes it. */
  readonly range: "limited" | "full" | "unknown";
  /** How red, green and blue were made into what is stored; `rgb`: not at all. */
  readonly matrix: Matrix | "rgb" | "unknown";
  readonly primaries: Primaries | "unknown";
  /** `sdr`: any curve that players show as it is. */
  readonly transfer: "sdr" | "pq" | "hlg" | "gamma28" | "linear";
  /** Brightest that the source's metadata says it gets, in cd/m²; null where it does not say. */
  readonly peakNits: number | null;
  /** Dolby Vision whose base layer is in a colour space of its own (profile 5): no other decoder shows it right. */
  readonly isDolbyVisionOnly: boolean;
  /** Whether at least half of the first pictures are interlaced. */
  readonly interlaced: boolean;
  /** Whether interlaced pictures can come at any time in this codec. */
  readonly mayBeInterlaced: boolean;
  /** Times in seconds of consecutive pictures, rising, at some places of the file; empty where it states none. */
  readonly pictureTimes: readonly (readonly number[])[];
  /** Whether `averageRate` was counted over the whole file; else it is what a header says or a guess. */
  readonly averageIsExact: boolean;
};

/** Matrix coefficients by the names that FFmpeg's scaler has for them. */
export type Matrix = "bt709" | "bt601" | "bt2020" | "smpte240m" | "fcc";

/** Colour primaries by FFmpeg's names. */
export type Primaries =
  | "bt709"
  | "bt470m"
  | "bt470bg"
  | "smpte170m"
  | "smpte240m"
  | "film"
  | "bt2020"
  | "smpte428"
  | "smpte431"
  | "smpte432"
  | "jedec-p22";

export type AudioFacts = {
  readonly streamIndex: number;
  readonly codec: string;
  /** BCP 47 tag; `und` where the source says nothing. */
  readonly language: string;
  readonly channels: number;
  /** The container's title of it; absent without one. */
  readonly label?: string;
  /** Absent for the sound of the film itself. */
  readonly purpose?: SoundPurpose;
  /** Whether the container asks for it to be heard first. */
  readonly isDefault?: boolean;
};

/** How the packets of a text stream are read. */
export type TextFormat = "mov-text" | "srt" | "ass" | "web-vtt" | "mp4-web-vtt";

export type TextFacts = {
  readonly streamIndex: number;
  readonly format: TextFormat;
  /** As the container has it, which is what anybody wrote there. */
  readonly language: string;
  /** The stream's title, empty without one; as anybody wrote it. */
  readonly label: string;
  readonly isDefault: boolean;
  readonly isForced: boolean;
  /** For people who cannot hear. */
  readonly isCaptions: boolean;
};

export type Crop = {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
};

export type Rational = { readonly numerator: number; readonly denominator: number };

/** The rational as a number; 0 where the denominator is 0. */
export const toNumber = ({ numerator, denominator }: Rational): number =>
  denominator === 0 ? 0 : numerator / denominator;
