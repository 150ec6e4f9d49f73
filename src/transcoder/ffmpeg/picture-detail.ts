import type { Frame } from "node-av/lib";
import { displaySize, EMPTY_RUNG_RMS, planRungs, type RungPlan } from "../plan/rung-plan.ts";
import type { Source } from "../source.ts";
import type { RungLoss, VideoFacts } from "../source-facts.ts";
import { formatOf, PictureGraph } from "./picture-graph.ts";
import { VideoReader } from "./video-reader.ts";

/** Looks at a source, spread over its length; each costs a seek, a picture and two scalings. */
const SAMPLES = 8;

/** Pictures whose luma varies less than this (standard deviation, code values) prove nothing: fades, black. */
const PLAIN_DEVIATION = 4;

/** With fewer telling pictures nothing is concluded. */
const LEAST_TELLING = 3;

/**
 * For every rung but the lowest, how much of the picture is lost when it is brought to the size of the
 * rung below and back: an enlarged source loses next to nothing. Decodes a handful of pictures.
 * Empty when there is one rung only, too little to tell by, or the highest rung is clearly worth making.
 */
export const measureRungLosses = async (
  source: Source,
  video: VideoFacts,
  { originSeconds, durationSeconds }: { originSeconds: number; durationSeconds: number | null },
): Promise<RungLoss[]> => {
  const rungs = planRungs(displaySize(video));
  if (rungs.length < 2 || durationSeconds === null) return [];
  const top = rungs.at(-1)?.id ?? "";
  const totals = new Map<string, Loss & { worst: number }>();
  let telling = 0;
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const seconds = originSeconds + (durationSeconds * (sample + 0.5)) / SAMPLES;
    const losses = await lossesAt(source, video, rungs, seconds);
    if (losses === null) continue;
    telling += 1;
    for (const [id, { below, halfBelow }] of losses) {
      const total = totals.get(id) ?? { below: 0, halfBelow: 0, worst: 0 };
      totals.set(id, {
        below: total.below + below,
        halfBelow: total.halfBelow + halfBelow,
        worst: Math.max(total.worst, Math.sqrt(below)),
      });
    }
    // The highest rung shows something of its own, so all are made: most sources need one look.
    if ((totals.get(top)?.worst ?? 0) >= EMPTY_RUNG_RMS) return [];
  }
  if (telling < LEAST_TELLING) return [];
  return [...totals].map(([rungId, { below, halfBelow, worst }]) => ({
    rungId,
    rms: worst,
    octaveRatio: halfBelow > 0 ? Math.sqrt(below / halfBelow) : 0,
  }));
};

/** Mean square of what is lost, in code values, on the way through a smaller size and back. */
type Loss = {
  /** Through the size of the rung below. */
  readonly below: number;
  /** Through half of that. */
  readonly halfBelow: number;
};

/** Null for a plain picture, and where none can be had. */
const lossesAt = async (
  source: Source,
  video: VideoFacts,
  rungs: readonly RungPlan[],
  seconds: number,
): Promise<Map<string, Loss> | null> => {
  await using reader = await VideoReader.open(source, video.streamIndex);
  if (!(await reader.seekAbout(seconds))) return null;
  for await (const { frame } of reader.pictures()) {
    try {
      return await lossesOf(frame, video, rungs);
    } finally {
      frame.free();
    }
  }
  return null;
};

const lossesOf = async (
  frame: Frame,
  video: VideoFacts,
  rungs: readonly RungPlan[],
): Promise<Map<string, Loss> | null> => {
  const swaps = displaySize(video).width !== displaySize({ ...video, displayMatrix: null }).width;
  const size = ({ width, height }: RungPlan, divisor = 1) => {
    const [across, down] = [width / divisor, height / divisor].map(Math.round);
    return swaps ? `${down}:${across}` : `${across}:${down}`;
  };
  const losses = new Map<string, Loss>();
  for (const [index, rung] of rungs.entries()) {
    const below = rungs[index - 1];
    if (below === undefined) continue;
    const body = [
      `[in]scale=${size(rung)}:flags=bicubic,format=gray,split=3[whole][to1][to2]`,
      ...[1, 2].map(
        (divisor) =>
          `[to${divisor}]scale=${size(below, divisor)}:flags=bicubic,scale=${size(rung)}:flags=bicubic,format=gray[back${divisor}]`,
      ),
    ].join(";");
    using graph = await PictureGraph.open(formatOf(frame), body, ["whole", "back1", "back2"]);
    const outputs = [await graph.push(frame), await graph.push(null)];
    const pictures = [0, 1, 2].map((side) => outputs.flatMap((out) => out[side] ?? []));
    const [whole, back, farBack] = pictures.map(([first]) => first);
    try {
      if (whole === undefined || back === undefined || farBack === undefined) return null;
      const rows = lumaRows(whole);
      if (deviationOf(rows) < PLAIN_DEVIATION) return null;
      losses.set(rung.id, {
        below: meanSquare(rows, lumaRows(back)),
        halfBelow: meanSquare(rows, lumaRows(farBack)),
      });
    } finally {
      for (const picture of pictures.flat()) picture.free();
    }
  }
  return losses;
};

type Rows = { readonly bytes: Uint8Array; readonly stride: number; width: number; height: number };

const lumaRows = (frame: Frame): Rows => {
  const { width, height } = frame;
  const stride = frame.linesize[0] ?? width;
  return { bytes: frame.data?.[0] ?? new Uint8Array(0), stride, width, height };
};

/** Standard deviation, in code values. */
const deviationOf = ({ bytes, stride, width, height }: Rows): number => {
  let [sum, squares] = [0, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const value = bytes[y * stride + x] ?? 0;
      sum += value;
      squares += value * value;
    }
  }
  const count = width * height;
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
};

/** Mean square of the difference. */
const meanSquare = (a: Rows, b: Rows): number => {
  let sum = 0;
  for (let y = 0; y < a.height; y += 1) {
    for (let x = 0; x < a.width; x += 1) {
      const difference = (a.bytes[y * a.stride + x] ?? 0) - (b.bytes[y * b.stride + x] ?? 0);
      sum += difference * difference;
    }
  }
  return sum / (a.width * a.height);
};
