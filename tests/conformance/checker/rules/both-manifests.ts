import type { Findings } from "../finding.ts";
import { languageOf } from "../language.ts";
import { mpdFile, multivariantFile, type Presentation, type Track } from "../presentation.ts";
import { presentationEnd, presentationStart, usualDuration } from "../track-timing.ts";

/** Rules about DASH and HLS together, and about tracks beside each other. */
export const checkTogether = (presentation: Presentation, findings: Findings): void => {
  const { tracks } = presentation;
  for (const track of tracks) {
    checkMedia(track, findings);
    checkLanguage(track, presentation, findings);
  }
  checkStarts(tracks, findings);
  checkEnds(tracks, findings);
};

/** One set of media: each track is in both manifests, with the same header and the same segments in the same order. */
const checkMedia = ({ representation, playlist, headerFile }: Track, findings: Findings): void => {
  const rule = "both-same-media";
  if (representation === null) findings.add(rule, mpdFile, `${headerFile} is in HLS alone.`);
  else if (playlist === null)
    findings.add(rule, multivariantFile, `${headerFile} is in DASH alone.`);
  else {
    const dash = representation.media.segments.map(({ file }) => file);
    const hls = playlist.segments.map(({ file }) => file);
    const stray = Array.from({ length: Math.max(dash.length, hls.length) }).findIndex(
      (_, at) => dash[at] !== hls[at],
    );
    findings.require(
      stray < 0,
      rule,
      playlist.file,
      `It lists ${hls[stray]} where the MPD has ${dash[stray]}.`,
    );
  }
};

const checkLanguage = (
  { representation, playlist, kind }: Track,
  { multivariant }: Presentation,
  findings: Findings,
): void => {
  const rendition = multivariant?.renditions.find((each) => each.playlist === playlist?.file);
  if (kind !== "audio" || rendition === undefined || representation === null) return;
  const hls = languageOf(rendition.attributes.LANGUAGE ?? "");
  const dash = languageOf(representation.attributes.lang ?? "");
  findings.same(
    hls,
    dash,
    "both-same-language",
    multivariantFile,
    `LANGUAGE of ${rendition.attributes.NAME}`,
  );
};

const secondsOfSample = (track: Track): number =>
  usualDuration(track) / track.header.media.timescale;

/** Longest of one picture and one frame of sound: neither can end between two of its own. */
const toleranceOf = (tracks: readonly Track[]): number =>
  Math.max(0, ...tracks.map(secondsOfSample)) + 1e-6;

/** Sound may be skipped at its beginning, so what counts is what is heard first: at 0 or before it. */
const checkStarts = (tracks: readonly Track[], findings: Findings): void => {
  for (const track of tracks) {
    const start = Math.max(0, presentationStart(track));
    const isRight = start <= toleranceOf([track]);
    findings.require(
      isRight,
      "tracks-start-together",
      track.headerFile,
      `It begins at ${start} s.`,
    );
  }
};

const checkEnds = (tracks: readonly Track[], findings: Findings): void => {
  const timed = tracks.filter(({ kind }) => kind !== "other");
  const [reference] = timed;
  if (reference === undefined) return;
  const end = presentationEnd(reference);
  for (const track of timed) {
    const own = presentationEnd(track);
    const isRight = Math.abs(own - end) <= toleranceOf([reference, track]);
    findings.require(
      isRight,
      "tracks-end-together",
      track.headerFile,
      `It ends at ${own} s, the first track at ${end}.`,
    );
  }
};
