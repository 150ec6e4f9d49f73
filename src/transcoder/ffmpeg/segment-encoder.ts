import { AV_PICTURE_TYPE_I, AV_PICTURE_TYPE_NONE } from "node-av/constants";
import type { Frame, Packet } from "node-av/lib";
import type { TranscodePlan } from "../plan/plan.ts";
import type { RungPlan } from "../plan/rung-plan.ts";
import { firstPicture, gopOf, isGivenKey } from "../plan/timeline.ts";
import { FRAGMENT_PER_GOP, FragmentMuxer } from "./fragment-muxer.ts";
import type { MuxerOutput } from "./muxer-output.ts";
import { VideoEncoder } from "./video-encoder.ts";

/** Bytes of a header and of the segment that was made with it. */
export type EncodedSegment = { readonly init: Uint8Array; readonly bytes: Uint8Array };

/**
 * Most pictures by which x264's decoding order runs ahead at our presets: three B pictures with a
 * pyramid.
 */
const REORDER_FRAMES = 2;

/** Decode times start this many pictures before presentation times, in every rung alike. */
export const leadFrames = ({ copy }: TranscodePlan): number =>
  Math.max(REORDER_FRAMES, copy?.reordered ?? 0);

/**
 * `frag_discont`: timestamps stay absolute although this muxer's first packet is not at zero.
 * `negative_cts_offsets`: the first picture's decode time is its presentation time, so that no edit
 * list is needed (CMAF brand `cmf2`, ISO/IEC 23000-19, 7.5.17).
 */
export const VIDEO_MOVFLAGS = `+frag_discont+negative_cts_offsets${FRAGMENT_PER_GOP}`;

/**
 * Encodes one segment of one rung with an encoder and a muxer of its own. That is what makes a segment
 * depend on source, plan and index alone, wherever the run started and whatever was made before it.
 * Dispose it after every call on it has settled.
 */
export class SegmentEncoder implements Disposable {
  readonly #plan: TranscodePlan;
  #index: number;
  readonly #encoder: VideoEncoder;
  readonly #packets: Packet[] = [];
  #hasEnded = false;

  private constructor(plan: TranscodePlan, index: number, encoder: VideoEncoder) {
    this.#plan = plan;
    this.#index = index;
    this.#encoder = encoder;
  }

  /** `index` counts segments from 0. */
  static async open(plan: TranscodePlan, rung: RungPlan, index: number): Promise<SegmentEncoder> {
    const { width, height, x264 } = rung;
    const { frameRate, timeline } = plan;
    const gopFrames = timeline.given === null ? timeline.gopFrames : timeline.segmentFrames;
    const encoder = await VideoEncoder.open({ width, height, frameRate, gopFrames, x264 });
    return new SegmentEncoder(plan, index, encoder);
  }

  /** The frame's pts is its number since the start of the presentation. */
  async encode(frame: Frame): Promise<void> {
    const { given } = this.#plan.timeline;
    const isForced = given !== null && isGivenKey(given, Number(frame.pts));
    frame.pictType = isForced ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    this.#packets.push(...(await this.#encoder.encode(frame)));
  }

  /** From now on what was encoded stands for another segment, with the same pictures. Only after `finish`. */
  moveTo(index: number): void {
    const { timeline, ticksPerFrame } = this.#plan;
    const frames = firstPicture(timeline, index) - firstPicture(timeline, this.#index);
    const ticks = BigInt(frames * ticksPerFrame);
    for (const packet of this.#packets) {
      packet.pts += ticks;
      packet.dts += ticks;
    }
    this.#index = index;
  }

  /** Ends the segment, which goes through `output`; once more after `moveTo`. */
  async finish(output: MuxerOutput): Promise<EncodedSegment> {
    if (!this.#hasEnded) await this.#end();
    const { timeline } = this.#plan;
    using muxer = await FragmentMuxer.open({
      describe: this.#encoder.describe,
      output,
      timescale: this.#plan.timescale,
      firstFragment: gopOf(timeline, firstPicture(timeline, this.#index)) + 1,
      movflags: VIDEO_MOVFLAGS,
    });
    for (const packet of this.#packets) muxer.write(packet);
    const bytes = await muxer.cut();
    return { init: muxer.header, bytes };
  }

  async #end(): Promise<void> {
    this.#packets.push(...(await this.#encoder.encode(null)));
    this.#hasEnded = true;
    const { ticksPerFrame, timeline } = this.#plan;
    const firstFrame = firstPicture(timeline, this.#index);
    const lead = leadFrames(this.#plan);
    this.#packets.forEach((packet, position) => {
      // x264 derives decode times from the first pictures it sees, and so gets them wrong in a segment
      // of one or two. At a constant rate they are known: one picture after the other.
      packet.dts = BigInt((firstFrame + position - lead) * ticksPerFrame);
      packet.pts = packet.pts * BigInt(ticksPerFrame);
      packet.duration = BigInt(ticksPerFrame);
    });
  }

  /** Closes it after the last segment; how like its pictures they became, mean SSIM of luma, null when unknown. */
  close(): Promise<number | null> {
    return this.#encoder.close();
  }

  [Symbol.dispose](): void {
    for (const packet of this.#packets.splice(0)) packet.free();
    this.#encoder[Symbol.dispose]();
  }
}
