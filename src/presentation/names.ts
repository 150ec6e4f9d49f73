/** The DASH manifest, at the root of the presentation. */
export const mpdName = "manifest.mpd";

/** The HLS multivariant playlist, at the root of the presentation. */
export const masterPlaylistName = "master.m3u8";

/** The picture that stands for the video, at the root of the presentation. */
export const posterName = "poster.jpg";

/** What the transcoder reported, at the root of the presentation, so that a lost callback can be rebuilt. */
export const resultName = "result.json";

/** How far an unfinished attempt has come, at the root of its presentation, so that the next one can go on with it. */
export const checkpointName = "checkpoint.json";

/** A track's HLS media playlist, in the track's folder. */
export const mediaPlaylistName = "playlist.m3u8";

/** A rung's HLS I-frame playlist, in the track's folder. */
export const iFramePlaylistName = "iframes.m3u8";

/** A track's initialization segment, in the track's folder. */
export const initSegmentName = "init.mp4";

/** Number of a track's first media segment; also the MPD's `startNumber`. */
export const firstSegmentNumber = 1;

/** Name of the media segment with this number, in the track's folder. */
export const segmentName = (number: number): string => `${number}.m4s`;

/** The WebVTT file of a text track, in the track's folder. */
export const textFileName = "text.vtt";

/** The presentation as data, at the root: what the manifests are made of again when text tracks change. */
export const presentationName = "presentation.json";

/** Folder of the thumbnails, relative to the manifests. */
export const thumbnailsPath = "t";

/** The WebVTT index of the thumbnails, in their folder. */
export const thumbnailIndexName = "thumbnails.vtt";

/** Name of the sheet of thumbnails with this number, in their folder; numbers count from `firstSegmentNumber`. */
export const sheetName = (number: number): string => `${number}.jpg`;
