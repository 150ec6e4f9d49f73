import { Unreadable } from "../cursor.ts";
import type { Findings } from "../finding.ts";
import type { Named } from "../hls/multivariant.ts";
import { languageOf } from "../language.ts";
import { type AdaptationSet, type Representation, secondsOf } from "../mpd/manifest.ts";
import { childrenNamed } from "../mpd/xml.ts";
import { mpdFile, multivariantFile, type Presentation } from "../presentation.ts";
import { cuesOf } from "../web-vtt.ts";

const ROLES = "urn:mpeg:dash:role:2011";

/** Rules about text tracks: WebVTT files that both manifests name and describe alike. */
export const checkText = (presentation: Presentation, findings: Findings): void => {
  const { manifest, multivariant } = presentation;
  const sets = (manifest?.sets ?? []).filter(({ contentType }) => contentType === "text");
  const inDash = sets.flatMap((set) =>
    set.representations.flatMap((representation) =>
      representation.media.wholeFile === null
        ? []
        : [{ set, representation, file: representation.media.wholeFile }],
    ),
  );
  const inHls = (multivariant?.renditions ?? []).filter(
    ({ attributes }) => attributes.TYPE === "SUBTITLES",
  );
  for (const rendition of inHls) {
    const file = fileOf(rendition, presentation);
    const isThere = file !== undefined && inDash.some((each) => each.file === file);
    findings.require(
      isThere,
      "text-both",
      multivariantFile,
      `${file ?? rendition.playlist} is in HLS alone.`,
    );
  }
  for (const { set, representation, file } of inDash) {
    checkFile(file, presentation, findings);
    checkDescription(set, representation, findings);
    const rendition = inHls.find((each) => fileOf(each, presentation) === file);
    if (rendition === undefined) findings.add("text-both", mpdFile, `${file} is in DASH alone.`);
    else checkAlike(set, representation, rendition, presentation, findings);
  }
};

const fileOf = ({ playlist }: Named, { playlists }: Presentation): string | undefined =>
  playlists.get(playlist ?? "")?.segments[0]?.file;

const checkFile = (file: string, { files, manifest }: Presentation, findings: Findings): void => {
  const bytes = files.get(file);
  if (bytes === undefined) return;
  const whole = secondsOf(manifest?.root.attributes.mediaPresentationDuration);
  try {
    let last = 0;
    for (const { start, end } of cuesOf(new TextDecoder("utf-8", { fatal: true }).decode(bytes))) {
      findings.require(end > start, "text-file", file, `A cue lasts from ${start} to ${end}.`);
      findings.require(
        start >= last,
        "text-file",
        file,
        `A cue at ${start} stands behind one at ${last}.`,
      );
      findings.require(
        start <= whole,
        "text-file",
        file,
        `A cue begins at ${start}, behind the end.`,
      );
      last = start;
    }
  } catch (thrown) {
    if (!(thrown instanceof Unreadable || thrown instanceof TypeError)) throw thrown;
    findings.add("text-file", file, `Unreadable: ${thrown.message}.`);
  }
};

const rolesOf = ({ element }: AdaptationSet): (string | undefined)[] =>
  childrenNamed(element, "Role")
    .filter(({ attributes }) => attributes.schemeIdUri === ROLES)
    .map(({ attributes }) => attributes.value);

const checkDescription = (
  set: AdaptationSet,
  { attributes, id }: Representation,
  findings: Findings,
): void => {
  const rule = "text-both";
  findings.same(attributes.mimeType, "text/vtt", rule, mpdFile, `mimeType of ${id}`);
  findings.require(
    languageOf(attributes.lang ?? "") !== null,
    rule,
    mpdFile,
    `lang of ${id} is ${attributes.lang}.`,
  );
  const isSaid = rolesOf(set).some((role) =>
    ["subtitle", "caption", "forced-subtitle", "forced_subtitle"].includes(role ?? ""),
  );
  findings.require(isSaid, rule, mpdFile, `Roles of ${id}: ${rolesOf(set)}.`);
  findings.require(
    Number(attributes.bandwidth) > 0,
    rule,
    mpdFile,
    `bandwidth of ${id} is ${attributes.bandwidth}.`,
  );
};

/** A playlist of one file over the whole length, with the same language and purpose as in DASH. */
const checkAlike = (
  set: AdaptationSet,
  { attributes, id }: Representation,
  rendition: Named,
  { playlists, manifest }: Presentation,
  findings: Findings,
): void => {
  const rule = "text-both";
  const hls = languageOf(rendition.attributes.LANGUAGE ?? "und");
  findings.same(
    hls,
    languageOf(attributes.lang ?? ""),
    rule,
    multivariantFile,
    `LANGUAGE of ${id}`,
  );
  const isForced = rolesOf(set).some((role) => role?.startsWith("forced"));
  const forced = rendition.attributes.FORCED === "YES";
  findings.require(
    forced === isForced,
    rule,
    multivariantFile,
    `FORCED of ${id} is ${forced}, in DASH ${isForced}.`,
  );
  const isMain = rolesOf(set).includes("main");
  const isDefault = rendition.attributes.DEFAULT === "YES";
  findings.require(
    isDefault === isMain,
    rule,
    multivariantFile,
    `DEFAULT of ${id} is ${isDefault}, in DASH ${isMain}.`,
  );
  const playlist = playlists.get(rendition.playlist ?? "");
  const seconds = (playlist?.segments ?? []).reduce((sum, { duration }) => sum + duration, 0);
  const whole = secondsOf(manifest?.root.attributes.mediaPresentationDuration);
  const isWhole = Math.abs(seconds - whole) < 0.05;
  findings.require(
    isWhole,
    rule,
    playlist?.file ?? multivariantFile,
    `It lasts ${seconds} s of ${whole} s.`,
  );
};
