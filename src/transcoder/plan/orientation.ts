/** How a decoded picture has to be turned before it is shown. */
export type Orientation = {
  /** FFmpeg filters in order; empty when the picture already stands upright. */
  readonly filters: readonly string[];
  /** Whether width and height change places. */
  readonly swapsSides: boolean;
};

const UPRIGHT: Orientation = { filters: [], swapsSides: false };

/** Matrices further from a quarter turn than this many degrees are left alone: nobody films at 30 degrees on purpose. */
const TOLERANCE_DEGREES = 1;

/**
 * Reads a display matrix (ISO/IEC 14496-12, 8.3.2) as the ffmpeg command does: quarter turns and
 * mirroring are applied, anything else is ignored.
 */
export const orientationOf = (matrix: readonly number[] | null): Orientation => {
  const [a = 0, b = 0, , c = 0, d = 0] = matrix ?? [];
  if (matrix === null || (a === 0 && b === 0) || (c === 0 && d === 0)) return UPRIGHT;
  const scaleX = Math.hypot(a, c);
  const scaleY = Math.hypot(b, d);
  const degrees = (Math.atan2(b / scaleY, a / scaleX) * 180) / Math.PI;
  const turn = (Math.round(degrees) + 360) % 360;
  const isNear = (angle: number) => Math.abs(turn - angle) <= TOLERANCE_DEGREES;
  if (isNear(90)) return swapped(c > 0 ? "transpose=cclock_flip" : "transpose=clock");
  if (isNear(270)) return swapped(c < 0 ? "transpose=clock_flip" : "transpose=cclock");
  if (isNear(180)) {
    const filters = [...(a < 0 ? ["hflip"] : []), ...(d < 0 ? ["vflip"] : [])];
    return { filters, swapsSides: false };
  }
  if ((isNear(0) || isNear(360)) && d < 0) return { filters: ["vflip"], swapsSides: false };
  return UPRIGHT;
};

const swapped = (filter: string): Orientation => ({ filters: [filter], swapsSides: true });
