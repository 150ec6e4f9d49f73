import { averageRate, peakRate, stretchesOf } from "../bit-rates.ts";
import { isSync } from "../bmff/segment.ts";
import { codecOf } from "../codec-string.ts";
import type { Findings } from "../finding.ts";
import type { ListedSegment, MediaPlaylist } from "../hls/media-playlist.ts";
import type { Named } from "../hls/multivariant.ts";
import { multivariantFile, type Presentation, type Track } from "../presentation.ts";
import { fragmentTicks, presentationEnd } from "../track-timing.ts";

const rule = "hls-i-frames";

/** Rules about I-frame playlists: one for every rung, each range one moof and its first picture. */
export const checkIFrames = (presentation: Presentation, findings: Findings): void => {
  const { multivariant, playlists, tracks } = presentation;
  if (multivariant === null) return;
  const served = new Set<Track>();
  for (const stream of multivariant.iFrames) {
    const playlist = playlists.get(stream.playlist ?? "");
    if (playlist === undefined) continue;
    const header = playlist.segments[0]?.map?.file;
    const track = tracks.find(({ headerFile, kind }) => headerFile === header && kind === "video");
    if (track === undefined) {
      findings.add(rule, playlist.file, `Its header ${header} is no rung's.`);
      continue;
    }
    served.add(track);
    checkStream(stream, playlist, track, presentation, findings);
    checkPlaylist(playlist, findings);
    checkRanges(playlist, track, findings);
  }
  for (const track of tracks) {
    const isServed = track.kind !== "video" || served.has(track);
    findings.require(
      isServed,
      rule,
      multivariantFile,
      `${track.headerFile} has no I-frame playlist.`,
    );
  }
};

const checkStream = (
  { attributes }: Named,
  playlist: MediaPlaylist,
  track: Track,
  { files }: Presentation,
  findings: Findings,
): void => {
  const { width, height } = track.header.entry.visual ?? { width: 0, height: 0 };
  const of = playlist.file;
  findings.same(
    attributes.CODECS?.toLowerCase(),
    codecOf(track.header.entry),
    rule,
    multivariantFile,
    `CODECS of ${of}`,
  );
  findings.same(
    attributes.RESOLUTION,
    `${width}x${height}`,
    rule,
    multivariantFile,
    `RESOLUTION of ${of}`,
  );
  const stretches = stretchesOf(playlist, files);
  const peak = peakRate(stretches, playlist.targetDuration ?? 0);
  const bandwidth = Number(attributes.BANDWIDTH);
  const isPeak = bandwidth >= peak - 2 && bandwidth <= peak * 1.02 + 2;
  findings.require(
    isPeak,
    rule,
    multivariantFile,
    `BANDWIDTH of ${of} is ${bandwidth}, measured are ${peak}.`,
  );
  const average = averageRate(stretches);
  const declared = Number(attributes["AVERAGE-BANDWIDTH"]);
  const isAverage = Math.abs(declared - average) <= average * 0.01 + 2;
  findings.require(
    isAverage,
    rule,
    multivariantFile,
    `AVERAGE-BANDWIDTH of ${of} is ${declared}, measured are ${average}.`,
  );
};

const checkPlaylist = (playlist: MediaPlaylist, findings: Findings): void => {
  const { file, version, targetDuration } = playlist;
  findings.require(playlist.isIFramesOnly, rule, file, "EXT-X-I-FRAMES-ONLY is not there.");
  findings.require(version >= 5, rule, file, `EXT-X-VERSION is ${version}.`);
  findings.require(
    playlist.hasEnd && playlist.type === "VOD",
    rule,
    file,
    "It is not said to be complete.",
  );
  const longest = Math.max(0, ...playlist.segments.map(({ duration }) => Math.round(duration)));
  const isCovered = targetDuration !== null && targetDuration >= longest;
  findings.require(isCovered, rule, file, `EXT-X-TARGETDURATION is ${targetDuration}.`);
};

/** EXTINF has six decimals. */
const WRITTEN_SECONDS = 0.0005;

const checkRanges = (playlist: MediaPlaylist, track: Track, findings: Findings): void => {
  const { timescale } = track.header.media;
  let seconds = 0;
  for (const listed of playlist.segments) {
    const start = startOf(listed, track, playlist.file, findings);
    if (start !== null) {
      const isRight = Math.abs(start / timescale - seconds) <= WRITTEN_SECONDS;
      findings.require(
        isRight,
        rule,
        playlist.file,
        `The picture at ${start / timescale} s is listed at ${seconds} s.`,
      );
    }
    seconds += listed.duration;
  }
  const end = presentationEnd(track);
  const isWhole = Math.abs(seconds - end) <= WRITTEN_SECONDS;
  findings.require(
    isWhole,
    rule,
    playlist.file,
    `It lasts ${seconds} s, the pictures last ${end} s.`,
  );
};

/** Decode time of the fragment whose moof and first picture a range holds exactly; null when it does not. */
const startOf = (
  { file, range, map }: ListedSegment,
  track: Track,
  playlist: string,
  findings: Findings,
): number | null => {
  const segment = track.segments.find((each) => each.file === file);
  const fragment = segment?.fragments.find(({ start }) => start === range?.start);
  const first = fragment?.samples[0];
  if (fragment === undefined || first === undefined) {
    findings.add(
      rule,
      playlist,
      `A range begins at ${range?.start} of ${file}, where no fragment does.`,
    );
    return null;
  }
  // mdat's header of eight bytes lies between (ISO/IEC 14496-12 §4.2.2).
  findings.same(
    range?.length,
    fragment.moofSize + 8 + first.size,
    rule,
    playlist,
    `Length of the range at ${range?.start} of ${file}`,
  );
  findings.require(
    isSync(first.flags),
    rule,
    playlist,
    `The picture at ${range?.start} of ${file} is no I frame.`,
  );
  findings.same(map?.file, track.headerFile, rule, playlist, `EXT-X-MAP of ${file}`);
  const isTimed = fragmentTicks(fragment) > 0;
  return isTimed ? fragment.decodeTime : null;
};
