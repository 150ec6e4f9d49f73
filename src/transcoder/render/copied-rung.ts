import { readCopiedPicture } from "../copied-picture.ts";
import { MuxerOutput } from "../ffmpeg/muxer-output.ts";
import { PacketReader } from "../ffmpeg/packet-reader.ts";
import { type CopiedSample, copySegment } from "../ffmpeg/segment-copier.ts";
import { readDecoderConfiguration } from "../h264/decoder-configuration.ts";
import { joinNalUnits } from "../h264/nal-units.ts";
import { CopyFailed, type CopyPlan } from "../plan/copy-plan.ts";
import type { PicturedPlan } from "../plan/plan.ts";
import type { RungPlan } from "../plan/rung-plan.ts";
import { firstPicture, segmentOf } from "../plan/timeline.ts";
import type { Source } from "../source.ts";
import { toNumber } from "../source-facts.ts";
import type { SegmentRange } from "./render.ts";
import type { SegmentSink } from "./segment-sink.ts";

export type CopyWork = {
  readonly source: Source;
  readonly plan: PicturedPlan;
  readonly copy: CopyPlan;
  readonly rung: RungPlan;
  readonly range: SegmentRange;
  readonly sink: SegmentSink;
  readonly signal: AbortSignal;
  /** One more picture is copied. */
  readonly onPicture: () => void;
};

/** Containers round the place they are sent to; a GOP more is read and left out. */
const SEEK_MARGIN_SECONDS = 0.1;

/**
 * Takes the source's pictures into segments as they are. A segment of it depends on source, plan and
 * index alone, as those of the encoded rungs do. Throws `CopyFailed` when the source is not what the
 * plan was made from.
 */
export const copyRung = async (work: CopyWork): Promise<void> => {
  // The container's seek may come out after the place that was asked for: read from the start then.
  if (!(await copyFrom(work, true)) && !(await copyFrom(work, false))) throw new CopyFailed("rate");
};

/** False, with nothing made, when the range's first picture did not come. */
const copyFrom = async (work: CopyWork, maySeek: boolean): Promise<boolean> => {
  const { source, plan, copy, rung, range, sink, signal, onPicture } = work;
  const { timeline, pictureZeroSeconds } = plan;
  const rate = toNumber(plan.frameRate);
  const first = firstPicture(timeline, range.from);
  const end = Math.min(firstPicture(timeline, range.to), copy.pictures);
  if (first >= end) return true;
  await using reader = await PacketReader.open(source, plan.picture.streamIndex);
  const configuration = reader.header === null ? null : readDecoderConfiguration(reader.header);
  if (configuration === null) throw new CopyFailed("parameters");
  using output = new MuxerOutput();
  const track = { kind: "video", id: rung.id } as const;
  let index = range.from;
  let samples: CopiedSample[] = [];
  const close = async (): Promise<void> => {
    const { init, bytes } = await copySegment(samples, { plan, copy, rung, index, output });
    if (index === range.from) await sink.init(track, init);
    await sink.segment(track, index + 1, bytes);
    for (const _ of samples) onPicture();
    samples = [];
    index += 1;
  };
  const hasSought = maySeek && first > 0;
  if (hasSought) await reader.seek(pictureZeroSeconds + first / rate - SEEK_MARGIN_SECONDS);
  for await (const packet of reader.packets()) {
    signal.throwIfAborted();
    const picture = readCopiedPicture(packet, configuration);
    if (typeof picture === "string") throw new CopyFailed(picture);
    const { isIdr, units, seconds } = picture;
    const tick = Math.round((seconds - pictureZeroSeconds) * rate);
    if (samples.length === 0 && index === range.from) {
      if (hasSought && tick > first && isIdr) return false;
      if (tick !== first) continue;
    }
    if (isIdr && segmentOf(timeline, tick) !== index) await close();
    if (tick >= end) return true;
    samples.push({ tick, isIdr, bytes: joinNalUnits(units) });
  }
  if (samples.length === 0) return false;
  await close();
  if (index < range.to && firstPicture(timeline, index) < copy.pictures) {
    throw new CopyFailed("rate");
  }
  return true;
};
