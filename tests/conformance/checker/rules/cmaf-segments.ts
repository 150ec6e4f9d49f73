import { dependsOn, type Fragment, isSync, tfhdFlags } from "../bmff/segment.ts";
import type { Findings } from "../finding.ts";
import type { Presentation, Track, TrackSegment } from "../presentation.ts";
import { fragmentTicks, sampleTimes, skippedTicks } from "../track-timing.ts";

/** Rules about media segments. */
export const checkSegments = ({ tracks }: Presentation, findings: Findings): void => {
  for (const track of tracks) {
    let next = 0;
    let sequence = 0;
    for (const segment of track.segments) {
      const { file, topLevel, fragments } = segment;
      const isPlain = topLevel.every((type) =>
        ["styp", "prft", "emsg", "sidx", "moof", "mdat"].includes(type),
      );
      findings.require(
        isPlain && fragments.length > 0,
        "cmaf-boxes",
        file,
        `Its boxes are ${topLevel}.`,
      );
      for (const fragment of fragments) {
        checkFragment(fragment, track, file, findings);
        findings.require(
          fragment.sequence > sequence,
          "cmaf-sequence",
          file,
          `Fragment ${fragment.sequence} follows ${sequence}.`,
        );
        sequence = fragment.sequence;
        const { decodeTime } = fragment;
        if (decodeTime === null) findings.add("cmaf-decode-time", file, "There is no tfdt box.");
        else
          findings.same(decodeTime, next, "cmaf-decode-time", file, "tfdt after what came before");
        next = (decodeTime ?? next) + fragmentTicks(fragment);
      }
      if (track.kind === "video") checkComposition(segment, track, findings);
    }
  }
  checkSwitching(tracks, findings);
};

const checkFragment = (
  fragment: Fragment,
  track: Track,
  file: string,
  findings: Findings,
): void => {
  const { trafs, truns, flags, dataOffset, moofSize, samples, mdat } = fragment;
  findings.require(
    trafs === 1 && truns === 1,
    "cmaf-one-run",
    file,
    `${trafs} traf and ${truns} trun boxes.`,
  );
  findings.same(fragment.track, track.header.track.id, "cmaf-track-id", file, "tfhd's track");
  const isBased =
    (flags & tfhdFlags.defaultBaseIsMoof) !== 0 && (flags & tfhdFlags.baseDataOffset) === 0;
  findings.require(isBased, "cmaf-addressing", file, "tfhd does not take the moof as its base.");
  findings.same(dataOffset, moofSize + 8, "cmaf-addressing", file, "trun's data offset");
  const bytes = samples.reduce((sum, { size }) => sum + size, 0);
  findings.same(bytes, mdat.length, "cmaf-data-size", file, "Size of all samples beside mdat");
  findings.require(
    samples.every(({ size }) => size > 0),
    "cmaf-data-size",
    file,
    "A sample has no bytes.",
  );
  checkSync(fragment, track, file, findings);
  const isTimed = samples.length > 0 && samples.every(({ duration }) => duration > 0);
  findings.require(isTimed, "cmaf-durations", file, "A sample has no duration.");
};

/** The first sample is one to start at; all of sound are; flags do not contradict each other. */
const checkSync = (
  { samples }: Fragment,
  { kind }: Track,
  file: string,
  findings: Findings,
): void => {
  for (const [index, { flags }] of samples.entries()) {
    const mustBe = index === 0 || kind === "audio";
    if (mustBe && !isSync(flags))
      findings.add("cmaf-sync-samples", file, `Sample ${index} is no sync sample.`);
    const depends = dependsOn(flags);
    const isContrary = isSync(flags) ? depends === 1 : depends === 2;
    if (isContrary)
      findings.add("cmaf-sync-samples", file, `Flags of sample ${index} contradict each other.`);
  }
};

/** Pictures of a segment fill its time without a gap: each begins where the one before it ends. */
const checkComposition = (segment: TrackSegment, track: Track, findings: Findings): void => {
  const { file } = segment;
  const times = sampleTimes(segment)
    .map(({ composition }) => composition)
    .sort((a, b) => a - b);
  const expected = sampleTimes(segment).map(({ decode }) => decode + skippedTicks(track));
  const stray = times.findIndex((time, index) => time !== expected[index]);
  findings.require(
    stray < 0,
    "cmaf-composition",
    file,
    `Picture ${stray} is shown at ${times[stray]}, but ${expected[stray]} is right.`,
  );
};

/** Tracks of one set may take each other's place (ISO/IEC 23000-19 §7.3.4). */
const checkSwitching = (tracks: readonly Track[], findings: Findings): void => {
  for (const track of tracks) {
    const first = tracks.find(({ set }) => set !== null && set === track.set);
    if (first === undefined || first === track) continue;
    const { headerFile } = track;
    const rule = "cmaf-switching";
    findings.same(
      track.header.media.timescale,
      first.header.media.timescale,
      rule,
      headerFile,
      "The timescale beside its set",
    );
    findings.same(
      track.header.entry.type,
      first.header.entry.type,
      rule,
      headerFile,
      "The sample entry beside its set",
    );
    findings.same(
      track.header.media.language,
      first.header.media.language,
      rule,
      headerFile,
      "The language beside its set",
    );
    const mine = track.header.entry.visual;
    const its = first.header.entry.visual;
    if (mine === null || its === null) continue;
    // Rungs are rounded to even sizes, so two lines may be amiss.
    const isLike =
      Math.abs(mine.width / mine.height / (its.width / its.height) - 1) <=
      4 / Math.min(mine.height, its.height);
    findings.require(
      isLike,
      rule,
      headerFile,
      `${mine.width}x${mine.height} has another aspect than its set.`,
    );
  }
};
