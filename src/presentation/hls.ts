import { averageBandwidth, peakBandwidth } from "./bandwidth.ts";
import { lines, quoted, tag } from "./hls-tag.ts";
import { subtitlesAttribute, textRenditions } from "./hls-text.ts";
import { languageName } from "./language-name.ts";
import { firstSegmentNumber, initSegmentName, mediaPlaylistName, segmentName } from "./names.ts";
import type { AudioTrack, Presentation, VideoTrack } from "./presentation.ts";
import { longestSegmentSeconds } from "./timing.ts";

/** EXT-X-MAP needs 6 (RFC 8216 §7); 7 is what Apple's tools write for fragmented MP4. */
const VERSION = 7;

/** GROUP-ID of the one group that holds every language. */
const AUDIO_GROUP = "audio";

/**
 * EXT-X-TARGETDURATION, in seconds, of every playlist of the presentation: no EXTINF, rounded to the
 * nearest integer, exceeds it (RFC 8216 §4.3.3.1), and it is the same for all tracks (Apple HLS
 * authoring specification 8.2).
 */
export const targetDurationSeconds = (presentation: Presentation): number =>
  Math.max(1, Math.round(longestSegmentSeconds(presentation)));

/**
 * The HLS multivariant playlist (RFC 8216 §4.3.4). A silent source has no audio group; a source
 * without pictures has one variant, its first language.
 */
export const buildMasterPlaylist = (presentation: Presentation): string => {
  const { video, audio } = presentation;
  const variants = video.length > 0 ? video : audio.slice(0, 1);
  return lines([
    "#EXTM3U",
    `#EXT-X-VERSION:${VERSION}`,
    "#EXT-X-INDEPENDENT-SEGMENTS",
    ...languageNames(audio).map(({ track, name }, index) =>
      audioRendition(track, name, index === 0),
    ),
    ...textRenditions(presentation.text),
    ...variants.flatMap((track) => [streamInf(track, presentation), playlistUri(track)]),
  ]);
};

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
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${targetDurationSeconds(presentation)}`,
    `#EXT-X-MEDIA-SEQUENCE:${firstSegmentNumber}`,
    `#EXT-X-PLAYLIST-TYPE:${complete ? "VOD" : "EVENT"}`,
    "#EXT-X-INDEPENDENT-SEGMENTS",
    `#EXT-X-MAP:URI="${initSegmentName}"`,
    ...segmentDurations(track).flatMap((duration, index) => [
      `#EXTINF:${duration},`,
      segmentName(firstSegmentNumber + index),
    ]),
    ...(complete ? ["#EXT-X-ENDLIST"] : []),
  ]);

/**
 * EXTINF values in seconds with six decimals. Each is the difference of its rounded ends, so rounding
 * never adds up: at every segment the listed times are within half a microsecond of the media.
 */
const segmentDurations = ({ segments, timescale }: VideoTrack | AudioTrack): string[] => {
  const toMicroseconds = (ticks: number): number => Math.round((ticks * 1e6) / timescale);
  let startTicks = 0;
  return segments.map(({ durationTicks }) => {
    const endTicks = startTicks + durationTicks;
    const microseconds = toMicroseconds(endTicks) - toMicroseconds(startTicks);
    startTicks = endTicks;
    return (microseconds / 1e6).toFixed(6);
  });
};

/** EXT-X-STREAM-INF (§4.3.4.2); rates as Apple's rules 9.13 and 9.14 have them. */
const streamInf = (track: VideoTrack | AudioTrack, presentation: Presentation): string => {
  const target = targetDurationSeconds(presentation);
  const audio = track.kind === "video" ? presentation.audio : [];
  const highest = (rates: readonly number[]): number => Math.max(0, ...rates);
  return tag("EXT-X-STREAM-INF", {
    BANDWIDTH:
      peakBandwidth(track, target) + highest(audio.map((other) => peakBandwidth(other, target))),
    "AVERAGE-BANDWIDTH": averageBandwidth(track) + highest(audio.map(averageBandwidth)),
    CODECS: quoted([...new Set([track, ...audio].map(({ codecs }) => codecs))].join(",")),
    RESOLUTION: track.kind === "video" ? `${track.width}x${track.height}` : undefined,
    "FRAME-RATE":
      track.kind === "video"
        ? (track.frameRate.numerator / track.frameRate.denominator).toFixed(3)
        : undefined,
    AUDIO: presentation.audio.length > 0 ? quoted(AUDIO_GROUP) : undefined,
    SUBTITLES: subtitlesAttribute(presentation.text),
  });
};

/** EXT-X-MEDIA (§4.3.4.1). */
const audioRendition = (track: AudioTrack, name: string, isDefault: boolean): string =>
  tag("EXT-X-MEDIA", {
    TYPE: "AUDIO",
    "GROUP-ID": quoted(AUDIO_GROUP),
    NAME: quoted(name),
    LANGUAGE: quoted(track.language),
    DEFAULT: isDefault ? "YES" : "NO",
    AUTOSELECT: "YES",
    CHANNELS: quoted(String(track.channels)),
    URI: quoted(playlistUri(track)),
  });

/** NAME must be unique in its group (§4.3.4.1.1): further tracks of one language are numbered. */
const languageNames = (audio: readonly AudioTrack[]): { track: AudioTrack; name: string }[] => {
  const counts = new Map<string, number>();
  return audio.map((track) => {
    const name = languageName(track.language) ?? "Audio";
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return { track, name: count === 1 ? name : `${name} ${count}` };
  });
};

const playlistUri = (track: VideoTrack | AudioTrack): string =>
  `${encodeURI(track.path)}/${mediaPlaylistName}`;
