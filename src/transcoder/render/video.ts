import { SluiceError } from "../../errors.ts";
import type { Picture } from "../ffmpeg/picture-graph.ts";
import { VideoReader } from "../ffmpeg/video-reader.ts";
import type { TranscodePlan } from "../plan/plan.ts";
import type { Source } from "../source.ts";
import { toNumber } from "../source-facts.ts";
import { BoundedQueue } from "./bounded-queue.ts";
import { FrameClock } from "./frame-clock.ts";
import { PictureCascade } from "./picture-cascade.ts";
import type { SegmentRange } from "./render.ts";
import { encodeRung } from "./rung.ts";
import type { SegmentSink } from "./segment-sink.ts";

export type VideoWork = {
  readonly source: Source;
  readonly plan: TranscodePlan;
  readonly range: SegmentRange;
  readonly sink: SegmentSink;
  readonly signal: AbortSignal;
  readonly onPicture: (rungId: string, position: number) => void;
};

export type VideoOutcome = {
  /** Pictures made for each rung. */
  readonly pictures: number;
  /** Packets or pictures of the source with errors. */
  readonly damaged: number;
};

/** Pictures that wait for one encoder: enough to bridge a segment change, 25 MB at 1080p. */
const QUEUE_PICTURES = 8;

/** Decodes once, scales in a cascade and encodes all rungs at the same time. */
export const renderVideo = async (work: VideoWork): Promise<VideoOutcome> => {
  const { plan, signal } = work;
  const queues = plan.rungs.map(() => new BoundedQueue<Picture>(QUEUE_PICTURES));
  const failAll = (reason: unknown) => {
    for (const queue of queues) queue.fail(reason);
  };
  const onAbort = () => failAll(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  const failing = async <T>(loop: Promise<T>): Promise<T> => {
    try {
      return await loop;
    } catch (thrown) {
      failAll(thrown);
      throw thrown;
    }
  };
  const progress = { position: 0 };
  const decoding = failing(decodeInto(queues, work, progress));
  const encoding = plan.rungs.map((rung, index) => {
    const queue = queues[index];
    if (queue === undefined) throw new Error("one queue per rung");
    const onPicture = () => work.onPicture(rung.id, progress.position);
    return failing(encodeRung(queue, rung, { ...work, onPicture }));
  });
  // Frames and contexts are freed by the loop that owns them, when its last native call has settled.
  await Promise.allSettled([decoding, ...encoding]);
  signal.removeEventListener("abort", onAbort);
  for (const picture of queues.flatMap((queue) => queue.drain())) picture.free();
  await Promise.all(encoding);
  return decoding;
};

const decodeInto = async (
  queues: readonly BoundedQueue<Picture>[],
  work: VideoWork,
  progress: { position: number },
): Promise<VideoOutcome> => {
  const first = await decodeFrom(queues, work, progress, true);
  // The container's seek came out after the place that was asked for: decode from the start instead.
  const outcome = first ?? (await decodeFrom(queues, work, progress, false));
  if (outcome === null) throw new Error("decoding from the start cannot begin too late");
  for (const queue of queues) queue.end();
  return outcome;
};

/** Null when the first picture after a seek is later than the first one needed. */
const decodeFrom = async (
  queues: readonly BoundedQueue<Picture>[],
  { source, plan, range, sink, signal }: VideoWork,
  progress: { position: number },
  maySeek: boolean,
): Promise<VideoOutcome | null> => {
  await using reader = await VideoReader.open(source, plan.picture.streamIndex);
  using cascade = new PictureCascade(plan, range, queues, sink);
  const rate = toNumber(plan.frameRate);
  const clock = new FrameClock<Picture>(cascade.firstTick, cascade.endTick);
  const hasSought =
    maySeek &&
    clock.next > 0 &&
    (await reader.seek(plan.originSeconds + (clock.next - SEEK_MARGIN_TICKS) / rate));
  let lastTick = -1;
  let endTick = 0;
  try {
    for await (const { frame, seconds, durationSeconds } of reader.pictures()) {
      progress.position = reader.position;
      const tick =
        seconds === null ? lastTick + 1 : Math.round((seconds - plan.originSeconds) * rate);
      if (hasSought && clock.held === null && tick > clock.next) {
        frame.free();
        return null;
      }
      const isFirst = clock.held === null;
      // The first picture also fills a gap before it; later ones end the showing of the one before.
      if (isFirst) clock.hold(frame, tick);
      for (const shown of clock.ticksBefore(tick)) {
        signal.throwIfAborted();
        if (shown >= plan.maxFrames) throw new SluiceError("source_too_long");
        await cascade.show(clock.held ?? frame, shown);
      }
      if (!isFirst) clock.hold(frame, tick)?.free();
      lastTick = tick;
      endTick = clock.endTick(
        Math.min(Math.round(durationSeconds * rate), LONGEST_LAST_PICTURE_SECONDS * rate),
      );
      signal.throwIfAborted();
      if (clock.isDone) break;
    }
    const last = clock.held;
    if (last !== null) {
      for (const shown of clock.ticksBefore(endTick)) await cascade.show(last, shown);
    }
    await cascade.end();
    return { pictures: cascade.shown, damaged: reader.damaged };
  } finally {
    clock.held?.free();
  }
};

/** Seek a little before the first tick: its picture may have been taken up to a tick earlier. */
const SEEK_MARGIN_TICKS = 1.5;

/** The last picture's own duration counts (a slide show ends on a picture that stays), up to this. */
const LONGEST_LAST_PICTURE_SECONDS = 10;
