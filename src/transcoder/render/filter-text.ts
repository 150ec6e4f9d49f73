import type { PictureFormat } from "../ffmpeg/picture-graph.ts";
import type { Light, PicturePlan, ToneMap } from "../plan/picture-plan.ts";
import type { RungPlan } from "../plan/rung-plan.ts";
import { placement } from "./placement.ts";

/** AVPixelFormat and AVColorRange numbers of libavutil; part of its ABI. */
const YUV420P = 0;
const YUV420P10 = 62;
const RANGES: readonly ("limited" | "full" | null)[] = [null, "limited", "full"];

/**
 * The filters between a decoded picture and the rungs, in FFmpeg's language: `[in]` to one label per
 * rung, highest rung first scaled from the source, every lower one from the one above it (bicubic:
 * bilinear costs ten VMAF points at 720p and saves nothing).
 *
 * Colours are converted once, at the size of the highest rung. A scaler whose size and format already
 * fit still costs a tenth of the whole, so it is left out.
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
  const { crop, cropped, scaled, pad } = placement(format, plan, box);
  const fitting: Fitting = {
    fits: cropped.width === scaled.width && cropped.height === scaled.height,
    size: `scale=${scaled.width}:${scaled.height}:flags=bicubic`,
    range: RANGES[format.colorRange] ?? plan.range,
  };
  const colours =
    plan.toneMap === null
      ? standardRange(format, plan, fitting)
      : highRange(format, plan.toneMap, fitting);
  const filters = [...crop, ...colours, ...pad, ...orientation.filters];
  return cascade(filters.length > 0 ? filters.join(",") : "null", rungs);
};

type Fitting = {
  readonly fits: boolean;
  /** The scaler to the size of the highest rung. */
  readonly size: string;
  readonly range: "limited" | "full";
};

/** Matrix and range in the scaler, and after it the light, if that is not BT.709's. */
const standardRange = (
  format: PictureFormat,
  { convertFrom, light }: PicturePlan,
  { fits, size, range }: Fitting,
): string[] => {
  const isPlain = format.pixelFormat === YUV420P && range === "limited" && convertFrom === null;
  const scaler = [
    // Another matrix costs two codes of luma without exact rounding.
    convertFrom === null ? size : `${size}+accurate_rnd`,
    `in_color_matrix=${convertFrom ?? "bt709"}`,
    `in_range=${range}`,
    "out_color_matrix=bt709:out_range=limited",
  ].join(":");
  if (light === null) return fits && isPlain ? [] : [scaler, "format=yuv420p"];
  return [...(fits && isPlain ? [] : [scaler, "format=yuv420p10"]), lightFilter(light)];
};

/**
 * What the codes stand for is kept as a browser shows it: BT.709 pictures go to an sRGB display as they
 * are, so both ends have sRGB's curve, and the gamut is mapped in that light.
 */
const lightFilter = ({ primaries, transfer }: Light): string => {
  const curve = { sdr: "srgb", gamma28: "gamma28", linear: "linear" }[transfer];
  return [
    `colorspace=ispace=bt709:irange=tv:iprimaries=${primaries}:itrc=${curve}`,
    "space=bt709:range=tv:primaries=bt709:trc=srgb:format=yuv420p",
  ].join(":");
};

/**
 * ITU-R BT.2390's curve by jellyfin's filter, which takes codes and not light and so is ten times as
 * fast as zscale and tonemap in float. It takes limited range in 4:2:0 and 10 bits, and wants the size
 * reduced before: there is less to do then. Codes above the peak would come out darker than the peak.
 */
const highRange = (
  format: PictureFormat,
  { transfer, peakNits }: ToneMap,
  { fits, size, range }: Fitting,
): string[] => {
  const isPlain = format.pixelFormat === YUV420P10 && range === "limited";
  const scaler = [
    size,
    `in_color_matrix=bt2020:in_range=${range}:out_color_matrix=bt2020:out_range=limited`,
  ].join(":");
  const tags = `setparams=range=limited:colorspace=bt2020nc:color_primaries=bt2020:color_trc=${
    transfer === "pq" ? "smpte2084" : "arib-std-b67"
  }`;
  const clip = transfer === "pq" ? [`limiter=max=${pqCode(peakNits)}:planes=1`] : [];
  return [
    ...(fits && isPlain ? [] : [scaler, "format=yuv420p10"]),
    ...clip,
    tags,
    [
      "tonemapx=tonemap=bt2390:desat=0:apply_dovi=0",
      `peak=${transfer === "pq" ? peakNits / NITS_PER_UNIT : HLG_PEAK}`,
      "transfer=bt709:matrix=bt709:primaries=bt709:range=tv:format=yuv420p",
    ].join(":"),
  ];
};

/** The filter's unit of its peak. */
const NITS_PER_UNIT = 10;

/** The filter makes 766 cd/m² of HLG's nominal peak of 1000; with this peak that is white. */
const HLG_PEAK = 75;

/** Luma of a grey in 10 bits, limited range, by SMPTE ST 2084's inverse EOTF. */
const pqCode = (nits: number): number => {
  const [m1, m2, c1, c2, c3] = [2610 / 16384, 78.84375, 0.8359375, 18.8515625, 18.6875];
  const power = (nits / 10_000) ** m1;
  return Math.round(64 + 876 * ((c1 + c2 * power) / (1 + c3 * power)) ** m2);
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
