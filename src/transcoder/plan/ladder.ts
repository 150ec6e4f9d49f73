/** One row of the ladder: a picture size and how it is encoded. Data only, so that the benchmark can translate it. */
export type LadderRow = {
  /** Height of a landscape picture, width of a portrait one, in pixels; also the folder name. */
  readonly shortSide: number;
  readonly x264: X264Settings;
  /** `crf` instead, where this is the highest rung of a source. */
  readonly crfOnTop: number;
};

export type X264Settings = {
  readonly preset: "superfast" | "veryfast";
  /** `x264-params` on top of the preset. */
  readonly params: Readonly<Record<string, number>>;
  /** Constant rate factor; lower is better. */
  readonly crf: number;
  /** Cap of the VBV in kb/s. */
  readonly maxRateKbps: number;
  /** Size of the VBV in kb: two seconds of the cap, one GOP, so that an IDR picture fits. */
  readonly bufferKbits: number;
};

/** superfast with the three tools that pay best for their time: 0.6-0.75 x the CPU of veryfast at the same VMAF. */
const FAST = {
  preset: "superfast",
  params: { mbtree: 1, "rc-lookahead": 10, trellis: 1 },
} as const;

/**
 * Sizes and caps are those of the usual three-rung ladder (1, 4 and 8 Mb/s); presets and factors come
 * from measurements of single clips of different character, with VMAF at each rung's own size, so that
 * a rung reaches 94 or what a fixed ladder of those bit rates reaches
 * (`docs/decisions/0042-ladder-constants.md`). The smallest picture is cheap, so it alone affords
 * `veryfast`. A source's highest rung fills the screen, so it is encoded better where it is a small one.
 */
export const LADDER: readonly LadderRow[] = [
  {
    shortSide: 360,
    x264: {
      preset: "veryfast",
      params: { trellis: 1 },
      crf: 22,
      maxRateKbps: 1000,
      bufferKbits: 2000,
    },
    crfOnTop: 20,
  },
  {
    shortSide: 720,
    x264: { ...FAST, crf: 23, maxRateKbps: 4000, bufferKbits: 8000 },
    crfOnTop: 18,
  },
  {
    shortSide: 1080,
    x264: { ...FAST, crf: 21, maxRateKbps: 8000, bufferKbits: 16000 },
    crfOnTop: 21,
  },
];

/**
 * How full the rate buffer is taken to be at the start, as a part of it: x264's default. Each segment
 * has an encoder of its own, so where the cap binds nearly a buffer is handed out every four seconds,
 * and a segment can pass the cap by a fifth. Half a buffer keeps to the cap, but starves single
 * pictures: of a hard clip at 1080p the worst has VMAF 80 instead of 90, at 3 % more bytes for the same mean.
 */
export const BUFFER_AT_START = 0.9;

/** A source this close below a row still gets the row, at its own size: 1072 lines are a cropped 1080. */
export const ROW_TOLERANCE = 0.95;

/** Longest side of any rung in pixels: hardware decoders of H.264 commonly end at 4096. */
export const LONG_SIDE_LIMIT = 4096;

/** Distance of IDR pictures in seconds (Apple HLS authoring specification, rule 1.13). */
export const GOP_SECONDS = 2;

/** GOPs in one segment: segments of 4 s start fast, and an encoder per segment costs nothing at this length. */
export const GOPS_PER_SEGMENT = 2;

/** Highest output rate in frames per second (Apple HLS authoring specification, rule 1.19). */
export const MAX_FRAME_RATE = 60;

/** Lowest output rate: below it, seeking and live progress become coarse while repeated pictures cost next to nothing. */
export const MIN_FRAME_RATE = 5;

/** AAC-LC stereo at 48 kHz; 128 kb/s is transparent enough for most ears, mono needs half of it. */
export const AUDIO = {
  sampleRate: 48_000,
  stereoKbps: 128,
  monoKbps: 64,
  frameSamples: 1024,
} as const;

/** Most audio languages taken from one source; further ones are left out with a warning. */
export const MAX_AUDIO_TRACKS = 8;
