import { SluiceError } from "../errors.ts";
import { thumbnailsPath } from "../presentation/names.ts";
import type {
  AudioTrack,
  Presentation,
  ThumbnailSheet,
  ThumbnailTrack,
  VideoTrack,
} from "../presentation/presentation.ts";
import { durationSecondsOf } from "../presentation/timing.ts";
import { languageTag } from "./language-tag.ts";
import type { TranscodePlan } from "./plan/plan.ts";
import type { TrackRef } from "./render/segment-sink.ts";
import type { WrittenTrack } from "./written-track.ts";

/** Folder of a track, relative to the manifests. */
export const trackFolder = ({ kind, id }: TrackRef): string =>
  `${kind === "video" ? "v" : "a"}/${id}`;

/**
 * Joins what was planned with what was written, by folder. Sound of which nothing could be decoded is
 * left out. Throws `transcode_failed` when a rung is missing.
 */
export const presentationOf = (
  plan: TranscodePlan,
  written: ReadonlyMap<string, WrittenTrack>,
  sheets: readonly ThumbnailSheet[],
): Presentation => {
  const base = (track: TrackRef) => {
    const path = trackFolder(track);
    const found = written.get(path);
    if (found === undefined) return null;
    const { codecs, timescale } = found.init;
    return { path, codecs, timescale, startTicks: found.startTicks, segments: found.segments };
  };
  const video = plan.rungs.map(({ id, name, width, height }): VideoTrack => {
    const track = base({ kind: "video", id });
    if (track === null) throw new SluiceError("transcode_failed");
    const { frameRate } = plan;
    const iFrames = written.get(track.path)?.iFrames ?? [];
    return { ...track, id: `v${id}`, kind: "video", name, width, height, frameRate, iFrames };
  });
  const audio = plan.audio.flatMap((planned): AudioTrack[] => {
    const { id, language, channels, sampleRate, label, purpose } = planned;
    const track = base({ kind: "audio", id });
    if (track === null) return [];
    const tag = languageTag(language);
    const said = {
      ...(label === undefined ? {} : { label }),
      ...(purpose === undefined ? {} : { purpose }),
    };
    const form = { channels, sampleRate };
    return [{ ...track, id: `a-${id}`, kind: "audio", language: tag, ...said, ...form }];
  });
  return {
    durationSeconds: Math.max(...[...video, ...audio].map(durationSecondsOf)),
    video,
    audio,
    text: [],
    ...thumbnailsOf(plan, sheets),
  };
};

const thumbnailsOf = (
  { storyboard, timescale, ticksPerFrame }: TranscodePlan,
  sheets: readonly ThumbnailSheet[],
): { thumbnails?: ThumbnailTrack } => {
  if (storyboard === null || sheets.length === 0) return {};
  const { intervalFrames, ...layout } = storyboard;
  const tileTicks = intervalFrames * ticksPerFrame;
  return { thumbnails: { path: thumbnailsPath, ...layout, timescale, tileTicks, sheets } };
};
