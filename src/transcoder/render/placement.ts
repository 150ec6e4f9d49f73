import type { PicturePlan } from "../plan/picture-plan.ts";
import { toNumber } from "../source-facts.ts";

type Size = { readonly width: number; readonly height: number };

export type Placement = {
  /** Filters that cut off what is not meant to be seen. */
  readonly crop: readonly string[];
  /** Size of the picture after them. */
  readonly cropped: Size;
  /** Size to scale to. */
  readonly scaled: Size;
  /** Filters that centre the scaled picture on black where its shape is not the planned one. */
  readonly pad: readonly string[];
};

/** Shapes closer than this, as a quotient, count as one: rounding to even sides, 1088 lines instead of 1080. */
const SAME_SHAPE = 0.02;

/**
 * How a decoded picture comes into `box`, the place that was planned for it. A stream may change its
 * size on the way; when its shape changes too (a phone that is turned during a call), the picture is
 * shown whole between black bars, as players do.
 */
export const placement = (format: Size, plan: PicturePlan, box: Size): Placement => {
  const isPlanned = format.width === plan.decoded.width && format.height === plan.decoded.height;
  if (isPlanned) {
    const { crop } = plan;
    if (crop === null) return { crop: [], cropped: format, scaled: box, pad: [] };
    const cropped = {
      width: format.width - crop.left - crop.right,
      height: format.height - crop.top - crop.bottom,
    };
    const filter = `crop=${cropped.width}:${cropped.height}:${crop.left}:${crop.top}`;
    return { crop: [filter], cropped, scaled: box, pad: [] };
  }
  const pixelShape = toNumber(plan.sampleAspect) || 1;
  const shape = (format.width / format.height) * pixelShape;
  const boxShape = box.width / box.height;
  if (Math.abs(shape / boxShape - 1) < SAME_SHAPE) {
    return { crop: [], cropped: format, scaled: box, pad: [] };
  }
  const scaled =
    shape > boxShape
      ? { width: box.width, height: even(box.width / shape) }
      : { width: even(box.height * shape), height: box.height };
  const pad = `pad=${box.width}:${box.height}:(ow-iw)/2:(oh-ih)/2:black`;
  return { crop: [], cropped: format, scaled, pad: [pad] };
};

const even = (pixels: number): number => Math.max(2, 2 * Math.round(pixels / 2));
