import { audioSet } from "./mpd-audio.ts";
import { textSet } from "./mpd-text.ts";
import { thumbnailSet } from "./mpd-thumbnails.ts";
import { videoSet } from "./mpd-video.ts";
import type { Presentation, ThumbnailTrack } from "./presentation.ts";
import { longestSegmentSeconds } from "./timing.ts";
import { element } from "./xml.ts";

/** ISO/IEC 23009-1 §8.4 (live profile, which needs no index boxes) and §8.12 (CMAF content). */
const PROFILES = "urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019";

/**
 * The DASH manifest of a finished presentation (ISO/IEC 23009-1): static, one Period, the rungs in one
 * AdaptationSet, one for every track of sound and of text and one for the thumbnails; each kind is in a
 * file of its own (`mpd-….ts`). Media is addressed by number, so the names in the manifest are the names
 * of the stored objects.
 *
 * Throws `transcode_failed` when the rungs are not aligned.
 */
export const buildMpd = (presentation: Presentation): string => {
  const minBufferSeconds = longestSegmentSeconds(presentation);
  const [lowest, ...higher] = presentation.video;
  const sets = [
    ...(lowest === undefined ? [] : [videoSet([lowest, ...higher], minBufferSeconds)]),
    ...presentation.audio.map((track, index) => {
      const isFirst =
        presentation.audio.findIndex(
          (t) => t.language === track.language && t.purpose === undefined,
        ) === index;
      return audioSet(track, isFirst ? "main" : "alternate", minBufferSeconds);
    }),
    ...presentation.text.map((track) => textSet(track, presentation.durationSeconds)),
    ...(presentation.thumbnails === undefined
      ? []
      : [thumbnailSet(presentation.thumbnails, minBufferSeconds)]),
  ];
  const mpd = element(
    "MPD",
    {
      xmlns: "urn:mpeg:dash:schema:mpd:2011",
      profiles: PROFILES,
      type: "static",
      mediaPresentationDuration: xsDuration(presentation.durationSeconds),
      maxSegmentDuration: xsDuration(
        Math.max(minBufferSeconds, sheetSeconds(presentation.thumbnails)),
      ),
      minBufferTime: xsDuration(minBufferSeconds),
    },
    [element("Period", { id: "0", start: "PT0S" }, sets.map(withId))],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${mpd}\n`;
};

/** A sheet of thumbnails is a segment too (§5.3.1.2: the longest of any Representation). */
const sheetSeconds = (track: ThumbnailTrack | undefined): number =>
  track === undefined ? 0 : (track.columns * track.rows * track.tileTicks) / track.timescale;

/** Adaptation sets are numbered in the order in which they stand. */
const withId = (set: (id: number) => string, index: number): string => set(index);

/** An xs:duration in seconds, rounded up to a microsecond so that it covers what it describes. */
const xsDuration = (seconds: number): string => `PT${Math.ceil(seconds * 1e6 - 1e-3) / 1e6}S`;
