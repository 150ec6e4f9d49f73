import { averageBandwidth, peakBandwidth } from "./bandwidth.ts";
import { listedDurations } from "./hls-durations.ts";
import { lines, quoted, tag } from "./hls-tag.ts";
import { hlsVersion } from "./hls-version.ts";
import { firstSegmentNumber, iFramePlaylistName, initSegmentName, segmentName } from "./names.ts";
import type { VideoTrack } from "./presentation.ts";

/**
 * EXT-X-I-FRAME-STREAM-INF of one rung (RFC 8216 §4.3.4.3); its rates are those of the byte ranges that
 * its playlist lists.
 */
export const iFrameStreamInf = (track: VideoTrack): string => {
  const ranges = { timescale: track.timescale, segments: track.iFrames };
  return tag("EXT-X-I-FRAME-STREAM-INF", {
    BANDWIDTH: peakBandwidth(ranges, iFrameTargetSeconds(track)),
    "AVERAGE-BANDWIDTH": averageBandwidth(ranges),
    CODECS: quoted(track.codecs),
    RESOLUTION: `${track.width}x${track.height}`,
    "VIDEO-RANGE": "SDR",
    URI: quoted(`${encodeURI(track.path)}/${iFramePlaylistName}`),
  });
};

/**
 * The I-frame playlist of one rung (RFC 8216 §4.3.3.6), for scrubbing: every IDR picture by a byte range
 * of the segment that holds it. A range begins with the `moof` that describes the picture (Apple HLS
 * authoring specification 6.10) and ends with the picture's last byte. EXTINF is the time to the next.
 */
export const buildIFramePlaylist = (track: VideoTrack): string =>
  lines([
    "#EXTM3U",
    `#EXT-X-VERSION:${hlsVersion}`,
    `#EXT-X-TARGETDURATION:${iFrameTargetSeconds(track)}`,
    `#EXT-X-MEDIA-SEQUENCE:${firstSegmentNumber}`,
    "#EXT-X-PLAYLIST-TYPE:VOD",
    "#EXT-X-INDEPENDENT-SEGMENTS",
    "#EXT-X-I-FRAMES-ONLY",
    `#EXT-X-MAP:URI="${initSegmentName}"`,
    ...listedDurations(track.iFrames, track.timescale).flatMap((duration, index) => {
      const iFrame = track.iFrames[index];
      if (iFrame === undefined) return [];
      return [
        `#EXTINF:${duration},`,
        `#EXT-X-BYTERANGE:${iFrame.sizeBytes}@${iFrame.offsetBytes}`,
        segmentName(iFrame.segmentNumber),
      ];
    }),
    "#EXT-X-ENDLIST",
  ]);

/** Its own, as RFC 8216 §6.2.4 allows for VOD: pictures lie closer together than segments. */
const iFrameTargetSeconds = ({ iFrames, timescale }: VideoTrack): number =>
  Math.max(1, ...iFrames.map(({ durationTicks }) => Math.round(durationTicks / timescale)));
