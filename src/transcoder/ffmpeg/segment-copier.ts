import {
  AV_CODEC_ID_H264,
  AV_PIX_FMT_YUV420P,
  AVCHROMA_LOC_LEFT,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  AVMEDIA_TYPE_VIDEO,
} from "node-av/constants";
import { Rational as AvRational, type CodecParameters, Packet } from "node-av/lib";
import { CopyFailed, type CopyPlan, copyStay } from "../plan/copy-plan.ts";
import type { TranscodePlan } from "../plan/plan.ts";
import type { RungPlan } from "../plan/rung-plan.ts";
import { firstPicture, gopOf } from "../plan/timeline.ts";
import { FragmentMuxer } from "./fragment-muxer.ts";
import type { MuxerOutput } from "./muxer-output.ts";
import { type EncodedSegment, leadFrames, VIDEO_MOVFLAGS } from "./segment-encoder.ts";

/** A picture of the source on its way into a segment. */
export type CopiedSample = {
  readonly tick: number;
  readonly isIdr: boolean;
  /** NAL units behind four-byte lengths. */
  readonly bytes: Buffer;
};

/**
 * Writes the source's pictures as a segment of the copied rung, in decoding order, in the same
 * fragments as `SegmentEncoder` writes. Throws `CopyFailed` when they are not exactly those of the
 * segment.
 */
export const copySegment = async (
  samples: readonly CopiedSample[],
  work: {
    readonly plan: TranscodePlan;
    readonly copy: CopyPlan;
    readonly rung: RungPlan;
    /** Counts segments from 0. */
    readonly index: number;
    readonly output: MuxerOutput;
  },
): Promise<EncodedSegment> => {
  const { plan, copy, rung, index, output } = work;
  const { timescale, ticksPerFrame, timeline } = plan;
  const first = firstPicture(timeline, index);
  const end = Math.min(firstPicture(timeline, index + 1), copy.pictures);
  const ticks = new Set(samples.map(({ tick }) => tick));
  const isWhole = ticks.size === samples.length && samples.length === end - first;
  if (!isWhole || !samples[0]?.isIdr || samples[0].tick !== first) throw new CopyFailed("rate");
  using muxer = await FragmentMuxer.open({
    describe: (parameters) => describe(parameters, rung, copy),
    output,
    timescale,
    firstFragment: gopOf(timeline, first) + 1,
    movflags: VIDEO_MOVFLAGS,
  });
  const lead = leadFrames(plan);
  samples.forEach(({ tick, isIdr, bytes }, position) => {
    using packet = new Packet();
    packet.alloc();
    packet.data = bytes;
    packet.isKeyframe = isIdr;
    // The container's decoding times may be anything. At a constant rate they are known.
    packet.dts = BigInt((first + position - lead) * ticksPerFrame);
    packet.pts = BigInt(tick * ticksPerFrame);
    const stay = tick === copy.pictures - 1 ? copyStay(copy, plan) : 0;
    packet.duration = BigInt((1 + stay) * ticksPerFrame);
    muxer.write(packet);
  });
  const bytes = await muxer.cut();
  return { init: muxer.header, bytes };
};

const describe = (
  parameters: CodecParameters,
  { width, height }: RungPlan,
  { configuration }: CopyPlan,
): void => {
  parameters.codecType = AVMEDIA_TYPE_VIDEO;
  parameters.codecId = AV_CODEC_ID_H264;
  parameters.extradata = Buffer.from(configuration);
  parameters.format = AV_PIX_FMT_YUV420P;
  parameters.width = width;
  parameters.height = height;
  parameters.sampleAspectRatio = new AvRational(1, 1);
  parameters.colorSpace = AVCOL_SPC_BT709;
  parameters.colorPrimaries = AVCOL_PRI_BT709;
  parameters.colorTrc = AVCOL_TRC_BT709;
  parameters.colorRange = AVCOL_RANGE_MPEG;
  parameters.chromaLocation = AVCHROMA_LOC_LEFT;
};
