import {
  AV_FRAME_DATA_CONTENT_LIGHT_LEVEL,
  AV_FRAME_DATA_MASTERING_DISPLAY_METADATA,
  AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
  AV_PKT_DATA_DOVI_CONF,
  AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
  AVCOL_PRI_BT470BG,
  AVCOL_PRI_BT470M,
  AVCOL_PRI_BT709,
  AVCOL_PRI_BT2020,
  AVCOL_PRI_EBU3213,
  AVCOL_PRI_FILM,
  AVCOL_PRI_SMPTE170M,
  AVCOL_PRI_SMPTE240M,
  AVCOL_PRI_SMPTE428,
  AVCOL_PRI_SMPTE431,
  AVCOL_PRI_SMPTE432,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT470BG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_BT2020_CL,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_FCC,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_SMPTE240M,
  AVCOL_TRC_ARIB_STD_B67,
  AVCOL_TRC_GAMMA28,
  AVCOL_TRC_LINEAR,
  AVCOL_TRC_SMPTE2084,
} from "node-av/constants";
import { avGetPixFmtName, type Frame, type Stream } from "node-av/lib";
import type { VideoFacts } from "../source-facts.ts";
import type { FirstPicture } from "./first-picture.ts";

type ColourFacts = Pick<
  VideoFacts,
  "range" | "matrix" | "primaries" | "transfer" | "peakNits" | "isDolbyVisionOnly"
>;

/** What container and codec say about a stream's colours, and what its first picture does. */
export const colourFacts = (stream: Stream, first: FirstPicture | null): ColourFacts => {
  const { codecpar } = stream;
  const dolby = sideData(stream, AV_PKT_DATA_DOVI_CONF);
  const compatibility = dolby?.[DOVI.compatibilityAt] ?? null;
  return {
    range: RANGES.get(codecpar.colorRange) ?? "unknown",
    matrix: isRgb(first?.pixelFormat ?? codecpar.format)
      ? "rgb"
      : (MATRICES.get(codecpar.colorSpace) ?? "unknown"),
    primaries: PRIMARIES.get(codecpar.colorPrimaries) ?? "unknown",
    transfer: TRANSFERS.get(codecpar.colorTrc) ?? DOVI.transfers.get(compatibility) ?? "sdr",
    peakNits:
      peakOf(
        sideData(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL),
        sideData(stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA),
      ) ??
      first?.peakNits ??
      null,
    isDolbyVisionOnly: compatibility === DOVI.incompatible,
  };
};

/** Brightest that a decoded picture's metadata says, in cd/m²; null where it has none. */
export const peakOfFrame = (frame: Frame): number | null =>
  peakOf(
    frame.getSideData(AV_FRAME_DATA_CONTENT_LIGHT_LEVEL),
    frame.getSideData(AV_FRAME_DATA_MASTERING_DISPLAY_METADATA),
  );

/**
 * `AVDOVIDecoderConfigurationRecord` (libavutil/dovi_meta.h): eight bytes, the last of which says what
 * a decoder without Dolby Vision makes of the base layer: 0 nothing, 1 HDR10, 2 SDR, 4 HLG.
 */
const DOVI = {
  compatibilityAt: 7,
  incompatible: 0,
  transfers: new Map<number | null, "pq" | "hlg">([
    [1, "pq"],
    [4, "hlg"],
    [6, "pq"],
  ]),
} as const;

/** `AVMasteringDisplayMetadata` (libavutil/mastering_display_metadata.h): a rational after nine others; whether it counts, after that. */
const MASTERING = { maxNumeratorAt: 72, maxDenominatorAt: 76, hasLuminanceAt: 84 } as const;

/** `AVContentLightMetadata`: MaxCLL comes first. What a grading measured is better than what its display could show. */
const peakOf = (light: Buffer | null, mastering: Buffer | null): number | null => {
  const measured = light !== null && light.length >= 4 ? light.readUInt32LE(0) : 0;
  if (measured > 0) return measured;
  if (mastering === null || mastering.length < 88) return null;
  if (mastering.readInt32LE(MASTERING.hasLuminanceAt) === 0) return null;
  const nits =
    mastering.readInt32LE(MASTERING.maxNumeratorAt) /
    mastering.readInt32LE(MASTERING.maxDenominatorAt);
  return nits > 0 && Number.isFinite(nits) ? nits : null;
};

const sideData = (stream: Stream, type: number): Buffer | null =>
  stream.codecpar.getAllCodedSideData().find((each) => each.type === type)?.data ?? null;

const isRgb = (format: number): boolean =>
  /rgb|bgr|gbr|pal8/.test(avGetPixFmtName(format as never) ?? "");

const RANGES = new Map<number, VideoFacts["range"]>([
  [AVCOL_RANGE_JPEG, "full"],
  [AVCOL_RANGE_MPEG, "limited"],
]);

const MATRICES = new Map<number, VideoFacts["matrix"]>([
  [AVCOL_SPC_RGB, "rgb"],
  [AVCOL_SPC_BT709, "bt709"],
  [AVCOL_SPC_BT470BG, "bt601"],
  [AVCOL_SPC_SMPTE170M, "bt601"],
  [AVCOL_SPC_BT2020_NCL, "bt2020"],
  [AVCOL_SPC_BT2020_CL, "bt2020"],
  [AVCOL_SPC_SMPTE240M, "smpte240m"],
  [AVCOL_SPC_FCC, "fcc"],
]);

const PRIMARIES = new Map<number, VideoFacts["primaries"]>([
  [AVCOL_PRI_BT709, "bt709"],
  [AVCOL_PRI_BT470M, "bt470m"],
  [AVCOL_PRI_BT470BG, "bt470bg"],
  [AVCOL_PRI_SMPTE170M, "smpte170m"],
  [AVCOL_PRI_SMPTE240M, "smpte240m"],
  [AVCOL_PRI_FILM, "film"],
  [AVCOL_PRI_BT2020, "bt2020"],
  [AVCOL_PRI_SMPTE428, "smpte428"],
  [AVCOL_PRI_SMPTE431, "smpte431"],
  [AVCOL_PRI_SMPTE432, "smpte432"],
  [AVCOL_PRI_EBU3213, "jedec-p22"],
]);

const TRANSFERS = new Map<number, VideoFacts["transfer"]>([
  [AVCOL_TRC_SMPTE2084, "pq"],
  [AVCOL_TRC_ARIB_STD_B67, "hlg"],
  [AVCOL_TRC_GAMMA28, "gamma28"],
  [AVCOL_TRC_LINEAR, "linear"],
]);
