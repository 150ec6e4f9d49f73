import type { Frame } from "node-av/lib";

/** Every so many pixels and lines are looked at: 14,000 of a 360p picture tell as much as all of them. */
const STEP = 4;

/** Standard deviation of the brightness of a planar 8-bit picture, 0 (uniform) to 128. */
export const lumaSpread = ({ data, linesize, width, height }: Frame): number => {
  const luma = data?.[0];
  const stride = linesize[0] ?? 0;
  if (luma === undefined || stride <= 0) return 0;
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let y = 0; y < height; y += STEP) {
    for (let x = 0; x < width; x += STEP) {
      const value = luma[y * stride + x] ?? 0;
      count += 1;
      sum += value;
      squares += value * value;
    }
  }
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
};
