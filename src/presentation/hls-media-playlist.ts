import { listedDurations, targetDurationSeconds } from "./hls-durations.ts";
import { lines } from "./hls-tag.ts";
import { hlsVersion } from "./hls-version.ts";
import { firstSegmentNumber, initSegmentName, segmentName } from "./names.ts";
import type { AudioTrack, Presentation, VideoTrack } from "./presentation.ts";

export type MediaPlaylistOptions = {
  /**
   * Whether no segment will be added. Default true; false makes an EVENT playlist that players
   * reload until one with an end appears.
   */
  readonly complete?: boolean;
};

/**
 * The HLS media playlist of one track (RFC 8216 §4.3.3); it lies in the track's folder, so segments
 * are listed by their bare names.
 */
export const buildMediaPlaylist = (
  track: VideoTrack | AudioTrack,
  presentation: Presentation,
  { complete = true }: MediaPlaylistOptions = {},
): string =>
  lines([
    "#EXTM3U",
    `#EXT-X-VERSION:${hlsVersion}`,
    `#EXT-X-TARGETDURATION:${targetDurationSeconds(presentation)}`,
    `#EXT-X-MEDIA-SEQUENCE:${firstSegmentNumber}`,
    `#EXT-X-PLAYLIST-TYPE:${complete ? "VOD" : "EVENT"}`,
    "#EXT-X-INDEPENDENT-SEGMENTS",
    `#EXT-X-MAP:URI="${initSegmentName}"`,
    ...listedDurations(track.segments, track.timescale).flatMap((duration, index) => [
      `#EXTINF:${duration},`,
      segmentName(firstSegmentNumber + index),
    ]),
    ...(complete ? ["#EXT-X-ENDLIST"] : []),
  ]);
