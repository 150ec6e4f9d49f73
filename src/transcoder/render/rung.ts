import { MuxerOutput } from "../ffmpeg/muxer-output.ts";
import type { Picture } from "../ffmpeg/picture-graph.ts";
import { type EncodedSegment, SegmentEncoder } from "../ffmpeg/segment-encoder.ts";
import type { TranscodePlan } from "../plan/plan.ts";
import type { RungPlan } from "../plan/rung-plan.ts";
import { firstPicture, segmentOf } from "../plan/timeline.ts";
import type { BoundedQueue } from "./bounded-queue.ts";
import type { Showing } from "./frame-clock.ts";
import type { SegmentSink } from "./segment-sink.ts";

export type RungWork = {
  readonly plan: TranscodePlan;
  readonly sink: SegmentSink;
  readonly signal: AbortSignal;
  /** Segment to begin with, counted from 0; pictures before it are left out. */
  readonly from: number;
  /** One more picture is encoded. */
  readonly onPicture: () => void;
};

type OpenSegment = {
  readonly index: number;
  readonly encoder: SegmentEncoder;
  /** The one picture that fills it whole, if there is one. */
  readonly still: Picture | null;
  /** Pictures encoded so far, those of moved segments included. */
  pictures: number;
};

/**
 * Encodes what comes out of the queue, one encoder per segment, and hands each closed segment on. Of
 * the segments that show nothing but one and the same picture the first is encoded; the others hold
 * the same packets at other times, which is what encoding them would give.
 */
export const encodeRung = async (
  queue: BoundedQueue<Showing<Picture>>,
  rung: RungPlan,
  { plan, sink, signal, from: firstSegment, onPicture }: RungWork,
): Promise<void> => {
  const track = { kind: "video", id: rung.id } as const;
  const { timeline } = plan;
  const firstTick = firstPicture(timeline, firstSegment);
  using output = new MuxerOutput();
  let open = null as OpenSegment | null;
  let hasInit = false;
  const publish = async (index: number, { init, bytes }: EncodedSegment): Promise<void> => {
    if (!hasInit) await sink.init(track, init);
    hasInit = true;
    await sink.segment(track, index + 1, bytes);
  };
  const close = async (): Promise<void> => {
    if (open === null) return;
    const { encoder, index, pictures } = open;
    await publish(index, await encoder.finish(output));
    const ssim = await encoder.close();
    encoder[Symbol.dispose]();
    open = null;
    sink.quality(track, pictures, ssim);
  };
  try {
    for (;;) {
      const shown = await queue.shift();
      if (shown === undefined) break;
      const { picture, to } = shown;
      try {
        for (let from = Math.max(shown.from, firstTick); from < to; ) {
          signal.throwIfAborted();
          const index = segmentOf(timeline, from);
          const segmentEnd = firstPicture(timeline, index + 1);
          const end = Math.min(to, segmentEnd);
          // Given cuts can differ from segment to segment.
          const isStill =
            timeline.given === null && from === firstPicture(timeline, index) && end === segmentEnd;
          if (isStill && open?.still === picture) {
            await publish(open.index, await open.encoder.finish(output));
            open.encoder.moveTo(index);
            open = { ...open, index, pictures: open.pictures + end - from };
            for (; from < end; from += 1) onPicture();
            continue;
          }
          if (open?.index !== index) {
            await close();
            const encoder = await SegmentEncoder.open(plan, rung, index);
            open = { index, encoder, still: isStill ? picture : null, pictures: 0 };
          }
          open.pictures += end - from;
          for (; from < end; from += 1) {
            picture.pts = BigInt(from);
            await open.encoder.encode(picture);
            onPicture();
          }
        }
      } finally {
        picture.free();
      }
    }
    await close();
  } finally {
    open?.encoder[Symbol.dispose]();
  }
};
