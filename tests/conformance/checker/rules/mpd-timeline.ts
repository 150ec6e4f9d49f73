import { neededRate } from "../bit-rates.ts";
import { isSync } from "../bmff/segment.ts";
import type { Findings } from "../finding.ts";
import { secondsOf } from "../mpd/manifest.ts";
import { mpdFile, type Presentation, type Track } from "../presentation.ts";
import { segmentStart, segmentTicks } from "../track-timing.ts";

/** Rules about times, bytes and access points: what the MPD promises against what the segments hold. */
export const checkMpdTimeline = (presentation: Presentation, findings: Findings): void => {
  const { manifest, tracks } = presentation;
  if (manifest === null) return;
  for (const track of tracks) {
    if (track.representation === null) continue;
    checkTimes(track, findings);
    checkAccessPoints(track, findings);
    checkBandwidth(track, secondsOf(manifest.root.attributes.minBufferTime), findings);
  }
  for (const set of manifest.sets) {
    checkAlignment(
      tracks.filter((track) => track.set === set),
      findings,
    );
  }
};

const checkTimes = ({ representation, segments, header }: Track, findings: Findings): void => {
  if (representation === null) return;
  const { id, media } = representation;
  const { timescale } = header.media;
  findings.same(media.timescale, timescale, "mpd-timescale", mpdFile, `timescale of ${id}`);
  findings.same(media.timeOffset, 0, "mpd-timeline", mpdFile, `presentationTimeOffset of ${id}`);
  const real = new Map(segments.map((segment) => [segment.file, segment]));
  let expected = media.segments[0]?.start ?? 0;
  for (const { file, start, duration } of media.segments) {
    const segment = real.get(file);
    findings.same(
      start,
      expected,
      "mpd-timeline",
      mpdFile,
      `Start of ${file} after the one before`,
    );
    expected = start + duration;
    if (segment === undefined) continue;
    const tfdt = segmentStart(segment);
    findings.same(start, tfdt, "mpd-timeline", mpdFile, `Start of ${file} in the timeline`);
    const ticks = segmentTicks(segment);
    findings.same(duration, ticks, "mpd-timeline", mpdFile, `Duration of ${file} in the timeline`);
  }
};

const checkAccessPoints = (track: Track, findings: Findings): void => {
  const { startWithSAP } = track.representation?.attributes ?? {};
  const id = track.representation?.id;
  findings.same(startWithSAP, "1", "mpd-access-points", mpdFile, `startWithSAP of ${id}`);
  if (startWithSAP === undefined) return;
  for (const { file, fragments } of track.segments) {
    const flags = fragments[0]?.samples[0]?.flags;
    const isKept = flags !== undefined && isSync(flags);
    findings.require(isKept, "mpd-access-points", file, "It does not start with a sync sample.");
  }
};

/** A declared rate may be this much above what is needed: room for rounding, not for guessing. */
const MOST_BANDWIDTH = 1.02;

const checkBandwidth = (track: Track, bufferSeconds: number, findings: Findings): void => {
  const { timescale } = track.header.media;
  const stretches = track.segments.map((segment) => ({
    bytes: segment.bytes,
    seconds: segmentTicks(segment) / timescale,
  }));
  const needed = neededRate(stretches, bufferSeconds);
  const declared = Number(track.representation?.attributes.bandwidth);
  const isRight = declared >= needed - 1 && declared <= needed * MOST_BANDWIDTH + 1;
  const id = track.representation?.id;
  findings.require(
    isRight,
    "mpd-bandwidth",
    mpdFile,
    `bandwidth of ${id} is ${declared}, needed are ${needed}.`,
  );
};

/** Segments of all representations of a set begin and end at the same times. */
const checkAlignment = (tracks: readonly Track[], findings: Findings): void => {
  const [reference, ...others] = tracks;
  if (reference === undefined) return;
  const { segmentAlignment } = reference.representation?.attributes ?? {};
  const id = reference.set?.element.attributes.id;
  const isDeclared = segmentAlignment === "true" || segmentAlignment === "1";
  findings.require(
    isDeclared,
    "mpd-alignment",
    mpdFile,
    `segmentAlignment of set ${id} is ${segmentAlignment}.`,
  );
  const starts = secondsOfSegments(reference);
  for (const track of others) {
    const own = secondsOfSegments(track);
    const stray = starts.findIndex((start, index) => Math.abs(start - (own[index] ?? -1)) > 1e-6);
    const file = track.segments[stray]?.file ?? track.headerFile;
    const isAligned = stray < 0 && own.length === starts.length;
    findings.require(
      isAligned,
      "mpd-alignment",
      file,
      `It is not aligned with ${reference.segments[stray]?.file}.`,
    );
  }
};

/** Beginnings of all segments and the end of the last. */
const secondsOfSegments = ({ segments, header }: Track): number[] => {
  const last = segments.at(-1);
  const end = last === undefined ? [] : [segmentStart(last) + segmentTicks(last)];
  return [...segments.map(segmentStart), ...end].map((ticks) => ticks / header.media.timescale);
};
