import type { Header } from "../bmff/header.ts";
import type { Findings } from "../finding.ts";
import { languageOf } from "../language.ts";
import type { Presentation, Track } from "../presentation.ts";
import { presentationStart, sampleTimes, segmentTicks } from "../track-timing.ts";

/** Rules about headers (initialization segments). */
export const checkHeaders = ({ tracks }: Presentation, findings: Findings): void => {
  for (const track of tracks) {
    checkStructure(track, findings);
    checkDurations(track, findings);
    checkTrackHeader(track, findings);
    checkMedia(track, findings);
    checkEdits(track, findings);
    if (track.kind === "video") checkPictureBoxes(track, findings);
  }
};

/** Brands that say CMAF (ISO/IEC 23000-19 §7.2). */
const CMAF_BRANDS = ["cmfc", "cmf2"];

/** Brands that allow what fragments use: `iso5` came with default-base-is-moof, `iso6` with tfdt. */
const FRAGMENT_BRANDS = ["iso6", "iso7", "iso8", "iso9"];

const checkStructure = ({ header, headerFile }: Track, findings: Findings): void => {
  const { topLevel, brands } = header;
  const isOrdered =
    topLevel[0] === "ftyp" && topLevel.every((type) => ["ftyp", "moov", "free"].includes(type));
  findings.require(isOrdered, "cmaf-boxes", headerFile, `Its boxes are ${topLevel}.`);
  const has = (wanted: readonly string[]): boolean =>
    brands.some((brand) => wanted.includes(brand));
  findings.require(has(CMAF_BRANDS), "cmaf-brands", headerFile, `No CMAF brand in ${brands}.`);
  findings.require(
    has(FRAGMENT_BRANDS),
    "cmaf-brands",
    headerFile,
    `No brand with tfdt in ${brands}.`,
  );
  const { tableEntries } = header;
  findings.same(
    tableEntries,
    0,
    "cmaf-header-samples",
    headerFile,
    "Number of samples listed in the header",
  );
};

/** Durations are 0 in a header whose samples are all in fragments; mehd, if it is there, tells the truth. */
const checkDurations = ({ header, headerFile, segments }: Track, findings: Findings): void => {
  const rule = "cmaf-header-durations";
  findings.same(header.movie.duration, 0, rule, headerFile, "mvhd's duration");
  findings.same(header.track.duration, 0, rule, headerFile, "tkhd's duration");
  findings.same(header.media.duration, 0, rule, headerFile, "mdhd's duration");
  if (header.fragmentDuration === null) return;
  const seconds = header.fragmentDuration / header.movie.timescale;
  const real =
    segments.reduce((sum, segment) => sum + segmentTicks(segment), 0) / header.media.timescale;
  findings.require(
    Math.abs(seconds - real) < 0.1,
    rule,
    headerFile,
    `mehd says ${seconds} s, there are ${real}.`,
  );
};

const ENABLED = 1;

const checkTrackHeader = ({ header, headerFile, kind }: Track, findings: Findings): void => {
  const { track, entry, movie, defaults } = header;
  const rule = "cmaf-track-header";
  findings.require((track.flags & ENABLED) !== 0, rule, headerFile, "The track is not enabled.");
  findings.require(track.isUpright, rule, headerFile, "The track is turned or shifted.");
  findings.same(track.volume, kind === "audio" ? 1 : 0, rule, headerFile, "The volume");
  const [x, y] = entry.pixelAspect ?? [1, 1];
  const width = entry.visual === null ? 0 : Math.round((entry.visual.width * x) / y);
  findings.same(Math.round(track.width), width, rule, headerFile, "tkhd's width");
  findings.same(track.height, entry.visual?.height ?? 0, rule, headerFile, "tkhd's height");
  const ids = "cmaf-track-id";
  findings.require(track.id > 0, ids, headerFile, "The track's id is 0.");
  findings.same(defaults.track, track.id, ids, headerFile, "trex's track");
  findings.same(defaults.description, 1, ids, headerFile, "trex's sample description");
  findings.require(
    movie.nextTrack > track.id,
    ids,
    headerFile,
    `The next track's id is ${movie.nextTrack}.`,
  );
};

/** Media header and sample entries by handler. */
const MEDIA = {
  vide: { header: "vmhd", entries: ["avc1"] },
  soun: { header: "smhd", entries: ["mp4a"] },
  text: { header: "nmhd", entries: ["wvtt"] },
  subt: { header: "sthd", entries: ["stpp"] },
} as const;

const mediaOf = ({ handler }: Header): { header: string; entries: readonly string[] } | undefined =>
  new Map(Object.entries(MEDIA)).get(handler);

const checkMedia = ({ header, headerFile }: Track, findings: Findings): void => {
  const { handler, mediaHeader, entry, media, dataReferences } = header;
  const expected = mediaOf(header);
  const isKnown = expected?.entries.includes(entry.type) === true;
  findings.require(
    isKnown,
    "cmaf-handler",
    headerFile,
    `Handler ${handler} with sample entry ${entry.type}.`,
  );
  findings.same(mediaHeader, expected?.header, "cmaf-handler", headerFile, "The media header");
  findings.require(media.timescale > 0, "cmaf-header-durations", headerFile, "The timescale is 0.");
  findings.require(
    header.movie.timescale > 0,
    "cmaf-header-durations",
    headerFile,
    "mvhd's timescale is 0.",
  );
  findings.require(
    languageOf(media.language) !== null,
    "cmaf-language",
    headerFile,
    `The language is ${media.language}.`,
  );
  const isOwn = dataReferences.length === 1 && dataReferences[0] === 1 && entry.reference === 1;
  findings.require(
    isOwn,
    "cmaf-data-reference",
    headerFile,
    "The media are said to lie in another file.",
  );
};

/** Longest beginning of a sound track that is skipped: three frames are more than any AAC encoder needs. */
const MOST_PRIMING_SECONDS = 0.07;

const checkEdits = (track: Track, findings: Findings): void => {
  const { header, headerFile, kind, segments } = track;
  const rule = "cmaf-edit-list";
  const [edit, ...others] = header.edits ?? [];
  if (edit !== undefined) {
    findings.same(others.length, 0, rule, headerFile, "Number of further edits");
    findings.same(edit.rate, 1, rule, headerFile, "The edit's rate");
    findings.same(edit.duration, 0, rule, headerFile, "The edit's duration");
    findings.require(
      edit.mediaTime >= 0,
      rule,
      headerFile,
      `The edit begins at ${edit.mediaTime}.`,
    );
  }
  const [first] = segments;
  if (first === undefined || sampleTimes(first).length === 0) return;
  const start = presentationStart(track);
  if (kind === "audio") {
    // An AAC encoder always puts something before the sound; played, it would make the sound late.
    const isPriming = start < 0 && start >= -MOST_PRIMING_SECONDS;
    findings.require(isPriming, rule, headerFile, `The sound begins at ${start} s.`);
  } else {
    findings.require(Math.abs(start) < 1e-6, rule, headerFile, `The pictures begin at ${start} s.`);
  }
};

const checkPictureBoxes = ({ header, headerFile }: Track, findings: Findings): void => {
  const { colour, pixelAspect } = header.entry;
  findings.require(
    colour !== null,
    "cmaf-colour",
    headerFile,
    "There is no colr box of type nclx.",
  );
  if (colour !== null) {
    // BT.709 in the limited range is what every browser assumes and all we make.
    const { primaries, transfer, matrix, isFullRange } = colour;
    const isStandard = primaries === 1 && transfer === 1 && matrix === 1 && !isFullRange;
    findings.require(
      isStandard,
      "cmaf-colour",
      headerFile,
      `colr is ${primaries}/${transfer}/${matrix}.`,
    );
  }
  const isSquare = pixelAspect !== null && pixelAspect[0] === pixelAspect[1] && pixelAspect[0] > 0;
  findings.require(isSquare, "cmaf-pixel-aspect", headerFile, `pasp is ${pixelAspect}.`);
};
