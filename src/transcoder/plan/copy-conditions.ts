import type { SequenceParameters } from "../h264/sequence-parameters.ts";

/**
 * Everything that must hold for a source's own pictures to become the highest rung as they are. A
 * source that fails one is re-encoded, which is never wrong, only slower; so each is as strict as it
 * can be checked. The table of `docs/sources.md`, "Copied as it is", has the same sentences.
 */
export const COPY_CONDITIONS = {
  codec: {
    requires: "H.264.",
    because: "Every rung has the same codec, or players could not change between them.",
  },
  picture: {
    requires:
      "Nothing is done to the picture: no turn, crop, deinterlacing, tone or matrix change.",
    because: "Whatever changes a picture has to encode it again.",
  },
  size: {
    requires: "The size of the highest rung, with even sides and square pixels.",
    because: "The other rungs are scaled versions of this one, in its shape.",
  },
  profile: {
    requires: "Constrained Baseline, Main or High profile.",
    because: "What browsers and hardware decode (Apple HLS authoring specification, rule 1.3).",
  },
  level: {
    requires: "A level of at most 4.2 that size and rate stay within.",
    because: "The same rule; a level that is too low makes decoders take too little memory.",
  },
  format: {
    requires: "Progressive 8-bit 4:2:0.",
    because: "The same rule, and fields look like combs in a browser.",
  },
  colour: {
    requires: "BT.709 in limited range, or no tag where BT.709 is what players take it for.",
    because: "The track's header says BT.709, and a tag in the stream must not say otherwise.",
  },
  parameters: {
    requires: "One set of parameters from start to end; identical repeats are left out.",
    because: "They stand in the track's header once (ISO/IEC 14496-15, sample entry avc1).",
  },
  content: {
    requires:
      "No partitions, layers or transparency, and no message that turns the picture or makes it HDR.",
    because: "Players ignore or refuse the former, and act on the latter in one rung alone.",
  },
  start: {
    requires: "An IDR picture at the very start, with nothing before it.",
    because: "All rungs start together; a gap at the start has to be filled with a picture.",
  },
  rate: {
    requires:
      "Every picture stands on the grid of the presentation's constant rate, none missing, none doubled.",
    because: "All rungs show the same picture at the same time, to the tick.",
  },
  order: {
    requires: "Every picture after an IDR picture is shown after it (closed GOPs).",
    because: "Players start and change rungs at the start of a segment (SAP type 1).",
  },
  gap: {
    requires:
      "From one IDR picture to the next 1 to 4 seconds; a recovery point does not count as one.",
    because:
      "Segments are cut there: shorter GOPs waste bits in every rung, longer ones make players wait.",
  },
  edits: {
    requires: "No edit list that hides pictures.",
    because: "Hidden pictures would be shown.",
  },
  bitRate: {
    requires: "No segment above 1.5 times the highest rung's cap.",
    because: "Time saved here is paid for at every play by those who watch.",
  },
  sound: {
    requires:
      "Sound that ends less than a second after the last picture; less than the length of a picture where another one is decoded after it.",
    because: "The last picture stays until the sound ends, and only in the segment that holds it.",
  },
  damage: {
    requires: "No damage, in the container or in the pictures.",
    because: "A decoder here conceals it once, one in a browser may stop.",
  },
} as const satisfies Record<string, { readonly requires: string; readonly because: string }>;

/** The first condition that a source failed. */
export type CopyObstacle = keyof typeof COPY_CONDITIONS;

/** Shortest and longest distance of IDR pictures, in seconds. */
export const GAP_SECONDS = { least: 1, most: 4 } as const;

/** By how much a segment of the source may pass the cap of the rung it becomes. */
export const BIT_RATE_FACTOR = 1.5;

/** Numbers of profile_idc. */
const BASELINE = 66;
const MAIN = 77;
const HIGH = 100;

/** Level 4.2, as level_idc. */
const HIGHEST_LEVEL = 42;

/** BT.709, and "nothing said". */
const COLOURS = new Set([1, 2]);

/**
 * level_idc, most macroblocks per second and most per picture (ITU-T H.264, table A-1). Level 1b is
 * left out: nobody films at 128 kb/s.
 */
const LEVELS: readonly (readonly [level: number, perSecond: number, perPicture: number])[] = [
  [10, 1485, 99],
  [11, 3000, 396],
  [12, 6000, 396],
  [13, 11_880, 396],
  [20, 11_880, 396],
  [21, 19_800, 792],
  [22, 20_250, 1620],
  [30, 40_500, 1620],
  [31, 108_000, 3600],
  [32, 216_000, 5120],
  [40, 245_760, 8192],
  [41, 245_760, 8192],
  [42, 522_240, 8704],
];

/** What the parameters of a stream stand in the way with, for a rung of this size and rate; null when with nothing. */
export const obstacleInParameters = (
  parameters: SequenceParameters,
  rung: { readonly width: number; readonly height: number },
  rate: number,
): CopyObstacle | null => {
  const { profile, isMainToo, chromaFormat, lumaBits, chromaBits, sampleAspect } = parameters;
  const isKnownProfile =
    profile === HIGH || profile === MAIN || (profile === BASELINE && isMainToo);
  if (!isKnownProfile) return "profile";
  const is420 = chromaFormat === 1 && lumaBits === 8 && chromaBits === 8;
  if (!is420 || !parameters.isProgressive) return "format";
  const { wide, high } = parameters.macroblocks;
  const level = LEVELS.find(([number]) => number === parameters.level);
  if (parameters.level > HIGHEST_LEVEL || level === undefined) return "level";
  const [, perSecond, perPicture] = level;
  if (wide * high > perPicture || wide * high * rate > perSecond) return "level";
  if (parameters.width !== rung.width || parameters.height !== rung.height) return "size";
  if (sampleAspect !== null && sampleAspect.width !== sampleAspect.height) return "size";
  const { fullRange, primaries, transfer, matrix } = parameters;
  const isBt709 = [primaries, transfer, matrix].every((number) => COLOURS.has(number));
  return fullRange || !isBt709 ? "colour" : null;
};
