import type { PictureFormat } from "../ffmpeg/picture-graph.ts";
import type { PicturePlan } from "../plan/picture-plan.ts";
import type { RungPlan } from "../plan/rung-plan.ts";
import { placement } from "./placement.ts";

/** AVPixelFormat and AVColorRange numbers of libavutil; part of its ABI. */
const YUV420P = 0;
const FULL_RANGE = 2;

/**
 * The filters between a decoded picture and the rungs, in FFmpeg's language: `[in]` to one label per
 * rung, highest rung first scaled from the source, every lower one from the one above it (bicubic:
 * bilinear costs ten VMAF points at 720p and saves nothing).
 *
 * A scaler whose size and format already fit still costs a tenth of the whole, so it is left out.
 */
export const filterText = (
  format: PictureFormat,
  plan: PicturePlan,
  rungs: readonly RungPlan[],
): string => {
  const top = rungs.at(-1);
  if (top === undefined) throw new Error("a plan has at least one rung");
  const { orientation } = plan;
  const box = orientation.swapsSides ? { width: top.height, height: top.width } : top;
  const placed = placement(format, plan, box);
  const first = [
    ...placed.crop,
    ...firstScaler({ ...format, ...placed.cropped }, plan, placed.scaled),
    ...(plan.toneMap ? [TONE_MAP] : []),
    ...placed.pad,
    ...orientation.filters,
  ];
  const head = first.length > 0 ? first.join(",") : "null";
  return cascade(head, rungs);
};

/** The curve of ITU-R BT.2390 by jellyfin's filter: SIMD, ten times as fast as zscale and tonemap in float. */
const TONE_MAP =
  "tonemapx=tonemap=bt2390:desat=0:peak=100:transfer=bt709:matrix=bt709:primaries=bt709:range=tv:format=yuv420p";

const firstScaler = (
  format: PictureFormat,
  plan: PicturePlan,
  { width, height }: { readonly width: number; readonly height: number },
): string[] => {
  const fits = format.width === width && format.height === height;
  if (plan.toneMap) return fits ? [] : [`scale=${width}:${height}:flags=bicubic`];
  const isPlain =
    format.pixelFormat === YUV420P && format.colorRange !== FULL_RANGE && plan.convertFrom === null;
  if (fits && isPlain) return [];
  const matrix = plan.convertFrom === null ? "" : `:in_color_matrix=${plan.convertFrom}`;
  return [
    `scale=${width}:${height}:flags=bicubic${matrix}:out_color_matrix=bt709:out_range=tv`,
    "format=yuv420p",
  ];
};

const cascade = (head: string, rungs: readonly RungPlan[]): string => {
  const descending = [...rungs].reverse();
  const parts: string[] = [];
  let input = `[in]${head}`;
  descending.forEach((rung, index) => {
    const below = descending[index + 1];
    if (below === undefined) {
      parts.push(`${input}[${label(rung)}]`);
      return;
    }
    parts.push(`${input},split[${label(rung)}][from${rung.id}]`);
    input = `[from${rung.id}]scale=${below.width}:${below.height}:flags=bicubic`;
  });
  return parts.join(";");
};

/** The rung's output label in the filter text. */
export const label = (rung: RungPlan): string => `out${rung.id}`;
