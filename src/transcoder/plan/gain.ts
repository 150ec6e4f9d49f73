/** What EBU R 128 says of a track as a whole. */
export type Loudness = {
  /** Programme loudness in LUFS (ITU-R BS.1770, gated). */
  readonly integratedLufs: number;
  /** Maximum true peak in dBTP. */
  readonly truePeakDbtp: number;
};

/** No amplified peak comes above this (EBU R 128, maximum permitted true peak). */
export const CEILING_DBTP = -1;

/** Smaller changes than this nobody hears, and sound that is left alone is left alone exactly. */
const LEAST_GAIN_DB = 0.1;

/**
 * The one gain of a whole track in dB, such that it reaches the target or its highest peak the
 * ceiling, whichever comes first. Nothing is limited or compressed: what was mixed stays as it was
 * mixed. 0 without a target, and for silence or sound too short to be measured.
 */
export const gainFor = (loudness: Loudness | null, targetLufs: number | null): number => {
  if (loudness === null || targetLufs === null) return 0;
  const { integratedLufs, truePeakDbtp } = loudness;
  const gain = Math.min(targetLufs - integratedLufs, CEILING_DBTP - truePeakDbtp);
  return Math.abs(gain) < LEAST_GAIN_DB ? 0 : Math.round(gain * 100) / 100;
};
