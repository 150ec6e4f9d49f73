import {
  readDecoderConfiguration,
  writeDecoderConfiguration,
} from "../h264/decoder-configuration.ts";
import { readSequenceParameters } from "../h264/sequence-parameters.ts";
import { type SourceFacts, toNumber } from "../source-facts.ts";
import {
  BIT_RATE_FACTOR,
  type CopyObstacle,
  GAP_SECONDS,
  obstacleInParameters,
} from "./copy-conditions.ts";
import type { SourceGops } from "./gop-survey.ts";
import type { TranscodePlan } from "./plan.ts";
import type { RungPlan } from "./rung-plan.ts";
import { segmentOf } from "./timeline.ts";

/** A rung whose pictures are the source's own. */
export type CopyPlan = {
  readonly rungId: string;
  /** Pictures in the source, and so in every rung. */
  readonly pictures: number;
  /** Most pictures by which its decoding runs ahead of showing. */
  readonly reordered: number;
  /** Whether the picture that is shown last is also the last one in decoding order. */
  readonly endsInOrder: boolean;
  /** AVCDecoderConfigurationRecord of the rung's header (ISO/IEC 14496-15, 5.3.3.1). */
  readonly configuration: Uint8Array;
};

/** The last picture of a copy stays no longer than this beyond its time, in seconds. */
const LONGEST_STAY_SECONDS = 1;

/**
 * Length of every rung beside a copied one, in pictures: the source's, and until the sound ends the
 * last one longer.
 */
export const copyFrames = (copy: CopyPlan, { leastFrames }: TranscodePlan): number =>
  Math.max(copy.pictures, leastFrames);

/** Pictures for which the last one stays beyond its time. */
export const copyStay = (copy: CopyPlan, plan: TranscodePlan): number =>
  copyFrames(copy, plan) - copy.pictures;

/** Whether a plan, if it copies, can show the last picture until the sound ends. */
export const endsWithSound = (plan: TranscodePlan): boolean => {
  const { copy, timeline, frameRate } = plan;
  if (copy === null) return true;
  const frames = copyFrames(copy, plan);
  const stay = copyStay(copy, plan);
  // Decode times follow the lengths of samples: one that is decoded after the last picture would move.
  const longest = copy.endsInOrder ? LONGEST_STAY_SECONDS * toNumber(frameRate) : 1;
  const isInOneSegment = segmentOf(timeline, frames - 1) === segmentOf(timeline, copy.pictures - 1);
  return stay < longest && isInOneSegment;
};

/** Thrown by a render when the source turns out not to be what the plan to copy it was made from. */
export class CopyFailed extends Error {
  readonly obstacle: CopyObstacle;

  constructor(obstacle: CopyObstacle) {
    super(`the source cannot be copied after all: ${obstacle}`);
    this.obstacle = obstacle;
  }
}

/** The rung that would be copied: the highest. */
export const copiedRung = ({ rungs }: TranscodePlan): RungPlan => {
  const top = rungs.at(-1);
  if (top === undefined) throw new Error("a plan has at least one rung");
  return top;
};

/**
 * What is known to stand in the way of copying before the pictures are looked at; null when nothing.
 * @param header what the container says about the stream: parameter sets in either form
 */
export const obstacleInHeader = (
  plan: TranscodePlan,
  { video }: SourceFacts,
  header: Uint8Array | null,
): CopyObstacle | null => {
  if (video?.codec !== "h264" || plan.picture === null) return "codec";
  const { deinterlace, toneMap, convertFrom, light, range, orientation, crop } = plan.picture;
  const isReshaped = orientation.filters.length > 0 || orientation.swapsSides || crop !== null;
  const isRecoloured = toneMap !== null || convertFrom !== null || light !== null;
  if (deinterlace === "fields" || isRecoloured || isReshaped) return "picture";
  if (range === "full") return "colour";
  const top = copiedRung(plan);
  const aspect = toNumber(video.sampleAspect);
  if (aspect !== 0 && aspect !== 1) return "size";
  if (video.width !== top.width || video.height !== top.height) return "size";
  const configuration = header === null ? null : readDecoderConfiguration(header);
  const [set, ...others] = configuration?.sequenceParameters ?? [];
  if (set === undefined || others.length > 0) return "parameters";
  if (configuration?.pictureParameters.length === 0) return "parameters";
  const parameters = readSequenceParameters(set);
  if (parameters === null) return "parameters";
  return obstacleInParameters(parameters, top, toNumber(plan.frameRate));
};

/** The plan with its highest rung copied and every rung cut at the source's IDR pictures; pure. */
export const planCopy = (
  plan: TranscodePlan,
  header: Uint8Array,
  gops: SourceGops,
): TranscodePlan | CopyObstacle => {
  const configuration = readDecoderConfiguration(header);
  const [set] = configuration?.sequenceParameters ?? [];
  if (configuration === null || set === undefined) return "parameters";
  const starts = groupGops(gops, plan.timeline.segmentFrames);
  const rung = copiedRung(plan);
  const capKbps = rung.x264.maxRateKbps * BIT_RATE_FACTOR;
  if (highestKbps(gops, starts, toNumber(plan.frameRate)) > capKbps) return "bitRate";
  return {
    ...plan,
    timeline: { ...plan.timeline, given: { starts, keys: gops.keys } },
    // Its parameters say that no picture in it can be interlaced.
    picture: plan.picture === null ? null : { ...plan.picture, deinterlace: "none" },
    expectedFrames: gops.pictures,
    copy: {
      rungId: rung.id,
      pictures: gops.pictures,
      reordered: gops.reordered,
      endsInOrder: gops.endsInOrder,
      configuration: writeDecoderConfiguration(set, configuration.pictureParameters),
    },
  };
};

/** As many whole GOPs in each segment as fit into a regular one; a GOP alone always does. */
const groupGops = ({ keys, pictures }: SourceGops, segmentFrames: number): number[] => {
  const starts: number[] = [];
  keys.forEach((key, index) => {
    const start = starts.at(-1);
    const end = keys[index + 1] ?? pictures;
    if (start === undefined || end - start > segmentFrames) starts.push(key);
  });
  return starts;
};

/** The highest bit rate of any segment; a last one that is shorter than any other could be counts as that long. */
const highestKbps = (
  { keys, keyBytes, pictures }: SourceGops,
  starts: readonly number[],
  rate: number,
): number => {
  let highest = 0;
  let key = 0;
  starts.forEach((start, index) => {
    const end = starts[index + 1] ?? pictures;
    let bytes = 0;
    for (; key < keys.length && (keys[key] ?? 0) < end; key += 1) bytes += keyBytes[key] ?? 0;
    const seconds = Math.max((end - start) / rate, GAP_SECONDS.least);
    highest = Math.max(highest, (bytes * 8) / 1000 / seconds);
  });
  return highest;
};
