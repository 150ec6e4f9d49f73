/**
 * What a presentation consists of, manifests first: whoever is interrupted leaves nothing playable
 * that is broken. Folders end in `/`.
 */
export const PRESENTATION_ENTRIES = [
  "manifest.mpd",
  "master.m3u8",
  "result.json",
  "presentation.json",
  "checkpoint.json",
  "poster.jpg",
  "v/",
  "a/",
  "s/",
  "t/",
] as const;
