/** Limits of one level (ITU-T H.264 table A-1). */
export type LevelLimits = {
  readonly macroblocksPerSecond: number;
  readonly macroblocksPerFrame: number;
  readonly bufferedMacroblocks: number;
  /** For Baseline and Main; High may have 1.25 times as much. */
  readonly bitsPerSecond: number;
};

const level = (
  macroblocksPerSecond: number,
  macroblocksPerFrame: number,
  bufferedMacroblocks: number,
  kilobitsPerSecond: number,
): LevelLimits => ({
  macroblocksPerSecond,
  macroblocksPerFrame,
  bufferedMacroblocks,
  bitsPerSecond: kilobitsPerSecond * 1000,
});

/** By `level_idc`, ten times the level; 1b, which needs a flag of its own, counts as 1. */
const LIMITS = new Map<number, LevelLimits>([
  [10, level(1_485, 99, 396, 64)],
  [11, level(3_000, 396, 900, 192)],
  [12, level(6_000, 396, 2_376, 384)],
  [13, level(11_880, 396, 2_376, 768)],
  [20, level(11_880, 396, 2_376, 2_000)],
  [21, level(19_800, 792, 4_752, 4_000)],
  [22, level(20_250, 1_620, 8_100, 4_000)],
  [30, level(40_500, 1_620, 8_100, 10_000)],
  [31, level(108_000, 3_600, 18_000, 14_000)],
  [32, level(216_000, 5_120, 20_480, 20_000)],
  [40, level(245_760, 8_192, 32_768, 20_000)],
  [41, level(245_760, 8_192, 32_768, 50_000)],
  [42, level(522_240, 8_704, 34_816, 50_000)],
  [50, level(589_824, 22_080, 110_400, 135_000)],
  [51, level(983_040, 36_864, 184_320, 240_000)],
  [52, level(2_073_600, 36_864, 184_320, 240_000)],
]);

/** Null for a level that the table does not know. */
export const limitsOf = (levelIdc: number): LevelLimits | null => LIMITS.get(levelIdc) ?? null;
