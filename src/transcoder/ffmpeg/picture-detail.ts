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
  const worst = new Map<string, number>();
  let telling = 0;
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const seconds = originSeconds + (durationSeconds * (sample + 0.5)) / SAMPLES;
    const losses = await lossesAt(source, video, rungs, seconds);
    if (losses === null) continue;
    telling += 1;
    for (const [id, loss] of losses) worst.set(id, Math.max(worst.get(id) ?? 0, loss));
    // The highest rung shows something of its own, so all are made: most sources need one look.
    if ((worst.get(top) ?? 0) >= EMPTY_RUNG_RMS) return [];
  }
  if (telling < LEAST_TELLING) return [];
  return [...worst].map(([rungId, rms]) => ({ rungId, rms }));
};

/** Null for a plain picture, and where none can be had. */
const lossesAt = async (
  source: Source,
  video: VideoFacts,
  rungs: readonly RungPlan[],
  seconds: number,
): Promise<Map<string, number> | null> => {
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
): Promise<Map<string, number> | null> => {
  const swaps = displaySize(video).width !== displaySize({ ...video, displayMatrix: null }).width;
  const size = ({ width, height }: RungPlan) =>
    swaps ? `${height}:${width}` : `${width}:${height}`;
  const losses = new Map<string, number>();
  for (const [index, rung] of rungs.entries()) {
    const below = rungs[index - 1];
    if (below === undefined) continue;
    const body = [
      `[in]scale=${size(rung)}:flags=bicubic,format=gray,split[whole][from]`,
      `[from]scale=${size(below)}:flags=bicubic,scale=${size(rung)}:flags=bicubic,format=gray[back]`,
    ].join(";");
    using graph = await PictureGraph.open(formatOf(frame), body, ["whole", "back"]);
    const outputs = [await graph.push(frame), await graph.push(null)];
    const [whole = [], back = []] = [0, 1].map((side) => outputs.flatMap((out) => out[side] ?? []));
    const [first, second] = [whole[0], back[0]];
    try {
      if (first === undefined || second === undefined) return null;
      const { deviation, rms } = compare(lumaRows(first), lumaRows(second));
      if (deviation < PLAIN_DEVIATION) return null;
      losses.set(rung.id, rms);
    } finally {
      for (const picture of [...whole, ...back]) picture.free();
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

/** Standard deviation of the first picture, and root mean square of the difference, in code values. */
const compare = (a: Rows, b: Rows): { deviation: number; rms: number } => {
  let [sum, squares, differences] = [0, 0, 0];
  for (let y = 0; y < a.height; y += 1) {
    for (let x = 0; x < a.width; x += 1) {
      const value = a.bytes[y * a.stride + x] ?? 0;
      const difference = value - (b.bytes[y * b.stride + x] ?? 0);
      sum += value;
      squares += value * value;
      differences += difference * difference;
    }
  }
  const count = a.width * a.height;
  const mean = sum / count;
  return {
    deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)),
    rms: Math.sqrt(differences / count),
  };
};
