import { averageBandwidth, peakBandwidth, textBandwidth } from "./bandwidth.ts";
import { audioAttribute, audioRenditions } from "./hls-audio.ts";
import { targetDurationSeconds } from "./hls-durations.ts";
import { iFrameStreamInf } from "./hls-i-frames.ts";
import { lines, quoted, tag } from "./hls-tag.ts";
import { subtitlesAttribute, textRenditions } from "./hls-text.ts";
import { hlsVersion } from "./hls-version.ts";
import { mediaPlaylistName } from "./names.ts";
import type { AudioTrack, Presentation, VideoTrack } from "./presentation.ts";

/**
 * The HLS multivariant playlist (RFC 8216 §4.3.4). Groups of renditions, variants and I-frame playlists
 * are each in a file of their own. A silent source has no audio group; a source without pictures has one
 * variant, its first language.
 */
export const buildMasterPlaylist = (presentation: Presentation): string => {
  const { video, audio, text } = presentation;
  const variants = video.length > 0 ? video : audio.slice(0, 1);
  return lines([
    "#EXTM3U",
    `#EXT-X-VERSION:${hlsVersion}`,
    "#EXT-X-INDEPENDENT-SEGMENTS",
    ...audioRenditions(audio),
    ...textRenditions(text),
    ...variants.flatMap((track) => [
      streamInf(track, presentation),
      `${encodeURI(track.path)}/${mediaPlaylistName}`,
    ]),
    ...video.map(iFrameStreamInf),
  ]);
};

/**
 * EXT-X-STREAM-INF (§4.3.4.2). Both rates are sums over the variant and the highest rendition of each
 * group that plays with it, as §4.3.4.2 and Apple's rules 9.13 and 9.14 have them.
 */
const streamInf = (track: VideoTrack | AudioTrack, presentation: Presentation): string => {
  const { durationSeconds, text } = presentation;
  const target = targetDurationSeconds(presentation);
  const { audio } = presentation;
  // A variant without pictures is itself one of the renditions: it is not fetched besides.
  const pictures = track.kind === "video" ? [track] : [];
  const highest = (rates: readonly number[]): number => Math.max(0, ...rates);
  const textRate = highest(text.map((each) => textBandwidth(each, durationSeconds)));
  return tag("EXT-X-STREAM-INF", {
    BANDWIDTH:
      highest(pictures.map((each) => peakBandwidth(each, target))) +
      highest(audio.map((each) => peakBandwidth(each, target))) +
      textRate,
    "AVERAGE-BANDWIDTH":
      highest(pictures.map(averageBandwidth)) + highest(audio.map(averageBandwidth)) + textRate,
    CODECS: quoted([...new Set([track, ...audio].map(({ codecs }) => codecs))].join(",")),
    ...(track.kind === "video" && pictureAttributes(track)),
    AUDIO: audioAttribute(presentation.audio),
    SUBTITLES: subtitlesAttribute(text),
  });
};

/** Sluice writes BT.709 alone, which is VIDEO-RANGE=SDR (draft-pantos-hls-rfc8216bis §4.4.6.2). */
const pictureAttributes = ({ width, height, frameRate }: VideoTrack) => ({
  RESOLUTION: `${width}x${height}`,
  "FRAME-RATE": (frameRate.numerator / frameRate.denominator).toFixed(3),
  "VIDEO-RANGE": "SDR",
});
