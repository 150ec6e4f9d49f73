import { MuxerOutput } from "../ffmpeg/muxer-output.ts";
import type { Picture } from "../ffmpeg/picture-graph.ts";
import { SegmentEncoder } from "../ffmpeg/segment-encoder.ts";
import type { TranscodePlan } from "../plan/plan.ts";
import type { RungPlan } from "../plan/rung-plan.ts";
import { segmentOf } from "../plan/timeline.ts";
import type { BoundedQueue } from "./bounded-queue.ts";
import type { SegmentSink } from "./segment-sink.ts";

export type RungWork = {
  readonly plan: TranscodePlan;
  readonly sink: SegmentSink;
  /** One more picture is encoded. */
  readonly onPicture: () => void;
};

type OpenSegment = { readonly index: number; readonly encoder: SegmentEncoder };

/** Encodes what comes out of the queue, one encoder per segment, and hands each closed segment on. */
export const encodeRung = async (
  queue: BoundedQueue<Picture>,
  rung: RungPlan,
  { plan, sink, onPicture }: RungWork,
): Promise<void> => {
  const track = { kind: "video", id: rung.id } as const;
  using output = new MuxerOutput();
  let open = null as OpenSegment | null;
  let hasInit = false;
  const close = async (): Promise<void> => {
    if (open === null) return;
    const { encoder, index } = open;
    const { init, bytes } = await encoder.finish(output);
    encoder[Symbol.dispose]();
    open = null;
    if (!hasInit) await sink.init(track, init);
    hasInit = true;
    await sink.segment(track, index + 1, bytes);
  };
  try {
    for (;;) {
      const picture = await queue.shift();
      if (picture === undefined) break;
      try {
        const index = segmentOf(plan.timeline, Number(picture.pts));
        if (open?.index !== index) {
          await close();
          open = { index, encoder: await SegmentEncoder.open(plan, rung, index) };
        }
        await open.encoder.encode(picture);
      } finally {
        picture.free();
      }
      onPicture();
    }
    await close();
  } finally {
    open?.encoder[Symbol.dispose]();
  }
};
