import {
  checkpointName,
  initSegmentName,
  segmentName,
  sheetName,
  thumbnailsPath,
} from "../presentation/names.ts";
import { type Checkpoint, checkpointKey, readCheckpoint } from "./checkpoint.ts";
import type { EarlierAttempt } from "./earlier-attempt.ts";
import { tileBytes } from "./ffmpeg/thumbnail-sheet.ts";
import type { Output } from "./output.ts";
import { readInitSegment } from "./packaging/init-segment.ts";
import { readMediaSegment } from "./packaging/media-segment.ts";
import type { TranscodePlan } from "./plan/plan.ts";
import { MAX_SHEETS } from "./plan/storyboard-plan.ts";
import { firstPicture, segmentOf } from "./plan/timeline.ts";
import { trackFolder } from "./presentation-of.ts";
import { type Published, ResumeFailed } from "./published.ts";
import type { PictureResume } from "./render/picture-state.ts";
import type { SegmentRange } from "./render/render.ts";
import type { Source } from "./source.ts";
import { appendSegment, type WrittenTrack } from "./written-track.ts";

/** The work of an earlier attempt, copied into this one's output and checked. */
export type Resumed = {
  readonly plan: TranscodePlan;
  readonly published: Published;
  readonly pictures: PictureResume;
  readonly range: SegmentRange;
  /** Whole segments of all rungs together. */
  readonly segments: number;
};

export type ResumeWork = {
  readonly earlier: EarlierAttempt;
  readonly output: Output;
  readonly source: Source;
  /** Plans that this attempt may carry out. */
  readonly plans: readonly TranscodePlan[];
  readonly signal: AbortSignal;
  /** Something moved, for a watchdog. */
  readonly onActivity: () => void;
};

/** Objects read and copied at once: enough to hide a store's latency, and 16 MB of 1080p at the most. */
const AT_ONCE = 4;

/**
 * Takes up what an earlier attempt finished. Nothing it says is believed: every segment is read
 * again, has to be one, and to begin where the one before ended. Null, with an empty output, when
 * there is no checkpoint, when it belongs to another source, plan or transcoder, or when anything
 * it names is missing or does not fit.
 */
export const resume = async (work: ResumeWork): Promise<Resumed | null> => {
  const { earlier, output, source, plans, signal } = work;
  try {
    const found = await earlier.get(checkpointName);
    const checkpoint = found === null ? null : readCheckpoint(found.bytes);
    if (checkpoint === null) return null;
    const plan = plans.find((each) => checkpointKey(source, each) === checkpoint.key);
    if (plan === undefined || !isConsistent(checkpoint, plan)) return null;
    return await takeUp(work, checkpoint, plan);
  } catch {
    signal.throwIfAborted();
    // Whatever it was, it costs time and nothing else; an output that takes no bytes will show again.
    await output.clear();
    return null;
  }
};

/** Whether its numbers can have come from a run of this plan. */
const isConsistent = ({ rungs, pictures, sheets }: Checkpoint, plan: TranscodePlan): boolean => {
  const { timeline, storyboard } = plan;
  const ids = new Set(plan.rungs.map(({ id }) => id));
  const areShown = Object.entries(rungs).every(
    ([id, { segments }]) =>
      ids.has(id) &&
      (id === plan.copy?.rungId || firstPicture(timeline, segments) <= pictures.shownTo),
  );
  if (!areShown) return false;
  if (storyboard === null || pictures.storyboard === null) {
    return storyboard === pictures.storyboard && sheets.length === 0;
  }
  const { columns, rows, intervalFrames } = storyboard;
  const { tiles } = pictures.storyboard;
  const perSheet = columns * rows;
  const made = sheets.length * perSheet + tiles.length;
  const due = Math.min(Math.ceil(pictures.shownTo / intervalFrames), MAX_SHEETS * perSheet);
  const areTiles = tiles.every(
    (pixels) => Buffer.from(pixels, "base64").length === tileBytes(storyboard),
  );
  const areWhole = sheets.slice(0, -1).every((sheet) => sheet.tiles === perSheet);
  const isOneState = pictures.storyboard.sheets === sheets.length && tiles.length <= perSheet;
  return areTiles && areWhole && isOneState && made >= due;
};

const takeUp = async (
  work: ResumeWork,
  checkpoint: Checkpoint,
  plan: TranscodePlan,
): Promise<Resumed> => {
  const tracks = new Map<string, WrittenTrack>();
  const headers = new Map<string, Uint8Array>();
  for (const [id, { segments }] of Object.entries(checkpoint.rungs)) {
    const folder = trackFolder({ kind: "video", id });
    const { header, written } = await copyRung(work, folder, segments);
    if (
      written.endTicks - written.startTicks !==
      firstPicture(plan.timeline, segments) * plan.ticksPerFrame
    ) {
      throw new ResumeFailed("segments of other lengths");
    }
    tracks.set(folder, written);
    headers.set(folder, header);
  }
  await copySheets(work, checkpoint);
  const from = new Map(plan.rungs.map(({ id }) => [id, checkpoint.rungs[id]?.segments ?? 0]));
  const encoded = plan.rungs.filter(({ id }) => id !== plan.copy?.rungId);
  const shown = segmentOf(plan.timeline, checkpoint.pictures.shownTo);
  const { poster } = checkpoint;
  return {
    plan,
    published: {
      tracks,
      headers,
      whole: new Map(Object.entries(checkpoint.rungs)),
      sheets: checkpoint.sheets,
      poster: poster === null ? null : Buffer.from(poster, "base64"),
    },
    pictures: { state: checkpoint.pictures, rungs: from },
    range: {
      from: Math.min(shown, ...encoded.map(({ id }) => from.get(id) ?? 0)),
      to: Number.POSITIVE_INFINITY,
    },
    segments: [...from.values()].reduce((sum, segments) => sum + segments, 0),
  };
};

const copyRung = async (
  work: ResumeWork,
  folder: string,
  segments: number,
): Promise<{ header: Uint8Array; written: WrittenTrack }> => {
  const [header] = await copyAll(work, [`${folder}/${initSegmentName}`]);
  if (header === undefined) throw new ResumeFailed("no header");
  const init = readInitSegment(header);
  const written: WrittenTrack = {
    init,
    initBytes: header.length,
    startTicks: 0,
    endTicks: 0,
    segments: [],
    iFrames: [],
  };
  for (let first = 1; first <= segments; first += AT_ONCE) {
    const numbers = Array.from(
      { length: Math.min(AT_ONCE, segments + 1 - first) },
      (_, index) => first + index,
    );
    const names = numbers.map((number) => `${folder}/${segmentName(number)}`);
    const found = await copyAll(work, names);
    found.forEach((bytes, index) => {
      appendSegment(written, first + index, readMediaSegment(bytes, init), "video");
    });
  }
  return { header, written };
};

const copySheets = async (work: ResumeWork, { sheets }: Checkpoint): Promise<void> => {
  for (const [index, { sizeBytes }] of sheets.entries()) {
    const [bytes] = await copyAll(work, [`${thumbnailsPath}/${sheetName(index + 1)}`]);
    if (bytes?.length !== sizeBytes) throw new ResumeFailed("another sheet of thumbnails");
  }
};

/** Reads and copies objects side by side; throws when one is missing, once none is under way any more. */
const copyAll = async (work: ResumeWork, names: readonly string[]): Promise<Uint8Array[]> => {
  const copies = names.map(async (name) => {
    work.signal.throwIfAborted();
    const found = await work.earlier.get(name);
    if (found === null) throw new ResumeFailed(`${name} is missing`);
    await work.output.copy({ ...found, name, from: work.earlier.location });
    work.onActivity();
    return found.bytes;
  });
  await Promise.allSettled(copies);
  return Promise.all(copies);
};
