import type { Findings } from "../finding.ts";
import { type Manifest, secondsOf } from "../mpd/manifest.ts";
import { descriptor } from "../mpd/xml.ts";
import { mpdFile, type Presentation } from "../presentation.ts";
import { presentationEnd, segmentTicks, usualDuration } from "../track-timing.ts";

const NAMESPACE = "urn:mpeg:dash:schema:mpd:2011";
const LIVE_PROFILE = "urn:mpeg:dash:profile:isoff-live:2011";
const ROLES = "urn:mpeg:dash:role:2011";

/** Attributes of the MPD that only a dynamic one has (ISO/IEC 23009-1 §5.3.1.2). */
const DYNAMIC_ONLY = ["minimumUpdatePeriod", "timeShiftBufferDepth", "suggestedPresentationDelay"];

/** Rules about the document as a whole. */
export const checkMpdDocument = (presentation: Presentation, findings: Findings): void => {
  const { manifest } = presentation;
  if (manifest === null) return;
  const add = findings.require.bind(findings);
  const { root } = manifest;
  add(
    root.attributes.xmlns === NAMESPACE,
    "mpd-xml",
    mpdFile,
    `The namespace is ${root.attributes.xmlns}.`,
  );
  add(
    root.attributes.type === "static",
    "mpd-type",
    mpdFile,
    `The type is ${root.attributes.type}.`,
  );
  for (const name of DYNAMIC_ONLY) {
    add(!(name in root.attributes), "mpd-type", mpdFile, `A static MPD has ${name}.`);
  }
  const profiles = (root.attributes.profiles ?? "").split(",");
  add(
    profiles.includes(LIVE_PROFILE),
    "mpd-profiles",
    mpdFile,
    `No ${LIVE_PROFILE} in ${profiles}.`,
  );
  checkIds(manifest, findings);
  checkDurations(presentation, findings);
  checkRoles(manifest, findings);
};

const checkIds = (manifest: Manifest, findings: Findings): void => {
  const unique = (what: string, ids: readonly (string | undefined)[]): void => {
    for (const [index, id] of ids.entries()) {
      if (id === undefined || id === "")
        findings.add("mpd-ids", mpdFile, `${what} ${index} has no id.`);
      else if (ids.indexOf(id) !== index)
        findings.add("mpd-ids", mpdFile, `${what} ${id} is there twice.`);
    }
  };
  unique(
    "Period",
    manifest.periods.map(({ attributes }) => attributes.id),
  );
  unique(
    "AdaptationSet",
    manifest.sets.map(({ element }) => element.attributes.id),
  );
  unique(
    "Representation",
    manifest.sets.flatMap((set) => set.representations.map(({ id }) => id)),
  );
};

/** What is computed from ticks and written in decimal digits may differ by this much. */
const WRITTEN_SECONDS = 2e-6;

const checkDurations = ({ manifest, tracks }: Presentation, findings: Findings): void => {
  const attributes = manifest?.root.attributes ?? {};
  const add = (message: string): void => findings.add("mpd-durations", mpdFile, message);
  const whole = secondsOf(attributes.mediaPresentationDuration);
  const longestSegment = secondsOf(attributes.maxSegmentDuration);
  const buffer = secondsOf(attributes.minBufferTime);
  if (!(buffer > 0)) add(`minBufferTime is ${attributes.minBufferTime}.`);
  const ends = tracks.map(presentationEnd);
  const end = Math.max(0, ...ends);
  const frame = Math.max(0, ...tracks.map((t) => usualDuration(t) / t.header.media.timescale));
  if (!(Math.abs(whole - end) <= frame + WRITTEN_SECONDS)) {
    add(
      `mediaPresentationDuration is ${attributes.mediaPresentationDuration}, the media end at ${end} s.`,
    );
  }
  const longest = Math.max(
    0,
    ...tracks.flatMap((track) =>
      track.segments.map((segment) => segmentTicks(segment) / track.header.media.timescale),
    ),
  );
  if (!(longestSegment >= longest - WRITTEN_SECONDS)) {
    add(
      `maxSegmentDuration is ${attributes.maxSegmentDuration}, the longest segment lasts ${longest} s.`,
    );
  }
};

/** Every set has a role, and of each kind and language one is the main one. */
const checkRoles = ({ sets }: Manifest, findings: Findings): void => {
  const mains = new Map<string, number>();
  for (const { element, contentType } of sets) {
    if (contentType === "image") continue;
    const id = element.attributes.id;
    const role = descriptor(element, "Role", ROLES);
    findings.require(role !== null, "mpd-role", mpdFile, `AdaptationSet ${id} has no role.`);
    if (contentType === "text") continue;
    const key = `${contentType} ${element.attributes.lang ?? ""}`;
    mains.set(key, (mains.get(key) ?? 0) + (role === "main" ? 1 : 0));
  }
  for (const [key, count] of mains) {
    findings.require(count <= 1, "mpd-role", mpdFile, `${count} sets of ${key} are the main one.`);
  }
  const kinds = new Set([...mains.keys()].map((key) => key.split(" ")[0]));
  for (const kind of kinds) {
    const hasMain = [...mains].some(([key, count]) => key.startsWith(`${kind} `) && count > 0);
    findings.require(hasMain, "mpd-role", mpdFile, `No ${kind} set is the main one.`);
  }
};
