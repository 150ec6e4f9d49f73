import { SluiceError } from "../../errors.ts";
import { deinterlaced, UNSETTLED_FRAMES } from "../ffmpeg/deinterlace.ts";
import type { Picture } from "../ffmpeg/picture-graph.ts";
import { type TimedPicture, VideoReader } from "../ffmpeg/video-reader.ts";
import { CopyFailed, type CopyPlan, copyFrames } from "../plan/copy-plan.ts";
import type { PicturedPlan } from "../plan/plan.ts";
import { firstPicture } from "../plan/timeline.ts";
import type { Source } from "../source.ts";
import { toNumber } from "../source-facts.ts";
import { BoundedQueue } from "./bounded-queue.ts";
import { copyRung } from "./copied-rung.ts";
import { FrameClock, type Showing } from "./frame-clock.ts";
import { PictureCascade } from "./picture-cascade.ts";
import type { PictureResume, PictureState } from "./picture-state.ts";
import type { SegmentRange } from "./render.ts";
import { encodeRung } from "./rung.ts";
import type { SegmentSink } from "./segment-sink.ts";

export type VideoWork = {
  readonly source: Source;
  readonly plan: PicturedPlan;
  readonly range: SegmentRange;
  readonly sink: SegmentSink;
  readonly signal: AbortSignal;
  /** Goes on with an earlier run; then the range begins at its first rung's segment or before. */
  readonly resume?: PictureResume;
  /** Hands out a way to see where the pictures stand. */
  readonly watch?: (look: () => PictureState) => void;
  readonly onPicture: (rungId: string, position: number) => void;
};

export type VideoOutcome = {
  /** Pictures made for each rung, without those before the range. */
  readonly pictures: number;
  /** Number of the picture after the last one: where the range ends, or the source. */
  readonly end: number;
  /** Packets or pictures of the source with errors. */
  readonly damaged: number;
};

/** Pictures that wait for one encoder: enough to bridge a segment change, 25 MB at 1080p. */
const QUEUE_PICTURES = 8;

/** Decodes once, scales in a cascade and encodes all rungs at the same time. */
export const renderVideo = async (work: VideoWork): Promise<VideoOutcome> => {
  const { plan, signal } = work;
  const queues = plan.rungs.map(({ id }) =>
    id === plan.copy?.rungId ? null : new BoundedQueue<Showing<Picture>>(QUEUE_PICTURES),
  );
  const failed = new AbortController();
  const failAll = (reason: unknown) => {
    failed.abort(reason);
    for (const queue of queues) queue?.fail(reason);
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
  const making = plan.rungs.map((rung, index) => {
    const queue = queues[index] ?? null;
    const onPicture = () => work.onPicture(rung.id, progress.position);
    const from = work.resume?.rungs.get(rung.id) ?? work.range.from;
    if (queue !== null) return failing(encodeRung(queue, rung, { ...work, from, onPicture }));
    const { copy } = plan;
    if (copy === null) throw new Error("one queue per encoded rung");
    const stop = AbortSignal.any([signal, failed.signal]);
    const range = { ...work.range, from };
    return failing(copyRung({ ...work, range, copy, rung, onPicture, signal: stop }));
  });
  // Frames and contexts are freed by the loop that owns them, when its last native call has settled.
  await Promise.allSettled([decoding, ...making]);
  signal.removeEventListener("abort", onAbort);
  for (const { picture } of queues.flatMap((queue) => queue?.drain() ?? [])) picture.free();
  await Promise.all(making);
  return decoding;
};

const decodeInto = async (
  queues: readonly (BoundedQueue<Showing<Picture>> | null)[],
  work: VideoWork,
  progress: { position: number },
): Promise<VideoOutcome> => {
  // Only a whole walk counts the damage of a source that has some.
  const maySeek = work.resume?.state.hasDamage !== true;
  const first = await decodeFrom(queues, work, progress, maySeek);
  // The container's seek came out after the place that was asked for: decode from the start instead.
  const outcome = first ?? (await decodeFrom(queues, work, progress, false));
  if (outcome === null) throw new Error("decoding from the start cannot begin too late");
  for (const queue of queues) queue?.end();
  return outcome;
};

/** Null when the first picture after a seek is later than the first one needed, or none came. */
const decodeFrom = async (
  queues: readonly (BoundedQueue<Showing<Picture>> | null)[],
  { source, plan, range, sink, signal, resume, watch = () => {} }: VideoWork,
  progress: { position: number },
  maySeek: boolean,
): Promise<VideoOutcome | null> => {
  await using reader = await VideoReader.open(source, plan.picture.streamIndex);
  const resumed = resume?.state ?? null;
  using cascade = new PictureCascade(plan, range, queues, sink, resumed);
  const rate = toNumber(plan.frameRate);
  const firstTick = firstPicture(plan.timeline, range.from);
  const clock = new FrameClock<Picture>(
    firstTick,
    Math.min(
      firstPicture(plan.timeline, range.to),
      plan.copy === null ? Number.POSITIVE_INFINITY : copyFrames(plan.copy, plan),
    ),
  );
  const { deinterlace } = plan.picture;
  const marginFrames = deinterlace === "none" ? 0 : DEINTERLACE_MARGIN_FRAMES;
  const marginTicks = SEEK_MARGIN_TICKS + marginFrames * plan.sourceFrameSeconds * rate;
  const hasSought =
    maySeek &&
    clock.next > 0 &&
    (await reader.seek(plan.pictureZeroSeconds + (clock.next - marginTicks) / rate));
  let unsettled = hasSought && deinterlace !== "none" ? UNSETTLED_FRAMES * 2 : 0;
  let lastSeconds = plan.pictureZeroSeconds - plan.sourceFrameSeconds;
  // Where an earlier run saw none, what a seek to the middle makes of its first pictures is none.
  let noDamage = 0;
  const damaged = () => reader.damaged - noDamage;
  const look = (): PictureState => ({
    shownTo: Math.max(firstTick + cascade.shown, resumed?.shownTo ?? 0),
    hasDamage: damaged() > 0 || resumed?.hasDamage === true,
    ...cascade.state,
  });
  watch(look);
  let lastTick = 0;
  let lastTicks = 1;
  const show = async (shown: Showing<Picture> | null): Promise<void> => {
    if (shown === null) return;
    if (shown.to > plan.maxFrames) throw new SluiceError("source_too_long");
    if (plan.copy !== null) requireLikeCopy(shown, plan.copy, damaged());
    await cascade.show(shown);
  };
  try {
    for await (const { frame, seconds, durationSeconds } of progressive(reader, plan)) {
      progress.position = reader.position;
      const atSeconds = seconds ?? lastSeconds + plan.sourceFrameSeconds;
      const tick = Math.round((atSeconds - plan.pictureZeroSeconds) * rate);
      if (hasSought && tick < (resumed?.shownTo ?? 0)) noDamage = reader.damaged;
      if (unsettled > 0) {
        unsettled -= 1;
        frame.free();
        continue;
      }
      if (hasSought && clock.held === null && (seconds === null || tick > clock.next)) {
        frame.free();
        return null;
      }
      const { shown, replaced } = clock.push(frame, tick);
      try {
        await show(shown);
      } finally {
        replaced?.free();
      }
      lastSeconds = atSeconds;
      lastTick = tick;
      lastTicks = Math.round(durationSeconds * rate);
      signal.throwIfAborted();
      if (clock.isDone) break;
    }
    // Nothing came that was settled: the range may lie among the first pictures or the last.
    if (hasSought && clock.held === null) return null;
    // The last picture's own duration counts: a slide show ends on a picture that stays.
    const longest = Math.max(
      LONGEST_LAST_PICTURE_SECONDS * rate,
      (plan.expectedFrames ?? 0) - lastTick,
    );
    const ticks = Math.min(lastTicks, Math.round(longest));
    if (clock.held === null && hasSought) return null;
    await show(clock.finish(Math.max(ticks, plan.leastFrames - lastTick)));
    await cascade.end();
    if (plan.copy !== null && !clock.isDone && range.to === Number.POSITIVE_INFINITY) {
      throw new CopyFailed("damage");
    }
    const { shown } = cascade;
    return { pictures: shown, end: firstTick + shown, damaged: damaged() };
  } finally {
    // The tiles are about to be freed.
    const last = look();
    watch(() => last);
    clock.held?.free();
  }
};

/** Beside a copied rung every decoded picture must be a good one, and all but the last shown at their own tick alone. */
const requireLikeCopy = (
  { from, to }: Showing<Picture>,
  { pictures }: CopyPlan,
  damaged: number,
): void => {
  if (damaged > 0) throw new CopyFailed("damage");
  if (to - from !== 1 && from !== pictures - 1) throw new CopyFailed("rate");
};

/** The source's pictures in order, none of them interlaced. */
const progressive = (reader: VideoReader, plan: PicturedPlan): AsyncIterable<TimedPicture> => {
  const { deinterlace } = plan.picture;
  if (deinterlace === "none") return reader.pictures();
  const fieldSeconds = plan.sourceFrameSeconds / 2;
  return deinterlaced(reader.pictures(), { perField: deinterlace === "fields", fieldSeconds });
};

/** Seek a little before the first tick: its picture may have been taken up to a tick earlier. */
const SEEK_MARGIN_TICKS = 1.5;

/** Further back for the neighbours that a deinterlaced picture is made of. */
const DEINTERLACE_MARGIN_FRAMES = 3;

/** Where the header states no length, the last picture stays no longer than this. */
const LONGEST_LAST_PICTURE_SECONDS = 10;
