import { defaultName } from "../presentation/hls-text.ts";
import type { TextSummary } from "../videos/job-message.ts";
import type { Track } from "../videos/tracks.ts";
import type { TrackBody } from "./schemas.ts";

/** A track that somebody added, as the API shows it. */
export const addedTrackBody = (track: Track): TrackBody => ({
  id: track.id,
  origin: "added",
  kind: track.kind,
  language: track.language,
  label: track.label,
  name: track.label ?? defaultName(track),
  isDefault: track.isDefault,
  isForced: track.isForced,
  cueCount: track.cueCount,
  createdAt: track.createdAt.toISOString(),
});

/** A track of the uploaded file. */
export const sourceTrackBody = (track: TextSummary, isOverruled: boolean): TrackBody => ({
  id: track.id,
  origin: "source",
  kind: track.kind,
  language: track.language,
  label: track.label,
  name: track.label ?? defaultName(track),
  isDefault: track.isDefault && !isOverruled,
  isForced: track.isForced,
  cueCount: null,
  createdAt: null,
});
