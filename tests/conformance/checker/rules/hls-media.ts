import type { Findings } from "../finding.ts";
import type { MediaPlaylist } from "../hls/media-playlist.ts";
import type { Presentation, Track } from "../presentation.ts";
import { segmentTicks } from "../track-timing.ts";

/** Rules about the media playlists. */
export const checkMediaPlaylists = (presentation: Presentation, findings: Findings): void => {
  const playlists = [...presentation.playlists.values()].filter((list) => !list.isIFramesOnly);
  for (const playlist of playlists) checkPlaylist(playlist, findings);
  // Text is one file over the whole length, which RFC 8216 §6.2.4 lets have a target of its own.
  checkShared(
    playlists.filter((list) => list.segments.some(({ map }) => map !== null)),
    findings,
  );
  for (const track of presentation.tracks) checkTimes(track, findings);
};

const checkPlaylist = (playlist: MediaPlaylist, findings: Findings): void => {
  const { file, version, segments } = playlist;
  const hasMap = segments.some(({ map }) => map !== null);
  if (hasMap) findings.require(version >= 6, "hls-version", file, `EXT-X-VERSION is ${version}.`);
  const isIndependent = playlist.isIndependent || !hasMap;
  findings.require(
    isIndependent,
    "hls-independent-segments",
    file,
    "EXT-X-INDEPENDENT-SEGMENTS is not there.",
  );
  findings.require(playlist.hasEnd, "hls-end", file, "EXT-X-ENDLIST is not there.");
  findings.same(playlist.type, "VOD", "hls-end", file, "EXT-X-PLAYLIST-TYPE");
  findings.require(segments.length > 0, "hls-syntax", file, "It has no segment.");
  for (const segment of segments) {
    const needsMap = /\.m4s$|\.mp4$/.test(segment.file);
    findings.require(
      !needsMap || segment.map !== null,
      "hls-map",
      file,
      `${segment.file} has no EXT-X-MAP.`,
    );
    findings.require(
      segment.map?.file === segments[0]?.map?.file,
      "hls-map",
      file,
      `${segment.file} has another EXT-X-MAP.`,
    );
    findings.require(
      !segment.isDiscontinuous,
      "hls-sequence",
      file,
      `A discontinuity is before ${segment.file}.`,
    );
  }
  const longest = Math.max(0, ...segments.map(({ duration }) => Math.round(duration)));
  const { targetDuration } = playlist;
  findings.require(
    targetDuration !== null && targetDuration >= longest,
    "hls-target-duration",
    file,
    `EXT-X-TARGETDURATION is ${targetDuration}, the longest segment lasts ${longest} s.`,
  );
};

/** What has to be the same in all playlists, so that players may change between them. */
const checkShared = (playlists: readonly MediaPlaylist[], findings: Findings): void => {
  const [reference] = playlists;
  if (reference === undefined) return;
  for (const { file, targetDuration, mediaSequence } of playlists) {
    const target = reference.targetDuration;
    findings.same(targetDuration, target, "hls-target-duration", file, "EXT-X-TARGETDURATION");
    const sequence = reference.mediaSequence;
    findings.same(mediaSequence, sequence, "hls-sequence", file, "EXT-X-MEDIA-SEQUENCE");
  }
};

/** Half a millisecond is more than six decimals ever lose, and less than any player notices. */
const EXTINF_SECONDS = 0.0005;

const checkTimes = ({ playlist, segments, header }: Track, findings: Findings): void => {
  if (playlist === null) return;
  const { file } = playlist;
  const real = new Map(segments.map((segment) => [segment.file, segment]));
  let drift = 0;
  for (const listed of playlist.segments) {
    const segment = real.get(listed.file);
    if (segment === undefined) continue;
    const seconds = segmentTicks(segment) / header.media.timescale;
    drift += listed.duration - seconds;
    const isRight = Math.abs(listed.duration - seconds) <= EXTINF_SECONDS;
    findings.require(
      isRight,
      "hls-extinf",
      file,
      `EXTINF of ${listed.file} is ${listed.duration}, not ${seconds}.`,
    );
  }
  findings.require(
    Math.abs(drift) <= EXTINF_SECONDS,
    "hls-extinf",
    file,
    `All EXTINF are ${drift} s too long.`,
  );
};
