import { channelsOf } from "../aac/audio-config.ts";
import { averageRate, peakRate, stretchesOf } from "../bit-rates.ts";
import { codecOf } from "../codec-string.ts";
import type { Findings } from "../finding.ts";
import type { MediaPlaylist } from "../hls/media-playlist.ts";
import type { Multivariant, Named } from "../hls/multivariant.ts";
import { languageOf } from "../language.ts";
import { multivariantFile as file, type Presentation, type Track } from "../presentation.ts";
import { usualDuration } from "../track-timing.ts";

/** Rules about the multivariant playlist. */
export const checkMultivariant = (presentation: Presentation, findings: Findings): void => {
  const { multivariant } = presentation;
  if (multivariant === null) return;
  const { version, isIndependent, variants, renditions } = multivariant;
  findings.require(version >= 4, "hls-version", file, `EXT-X-VERSION is ${version}.`);
  findings.require(
    isIndependent,
    "hls-independent-segments",
    file,
    "EXT-X-INDEPENDENT-SEGMENTS is not there.",
  );
  findings.require(variants.length > 0, "hls-syntax", file, "It has no variant.");
  checkGroups(multivariant, findings);
  for (const variant of variants) checkVariant(variant, presentation, findings);
  for (const rendition of renditions) checkRendition(rendition, presentation, findings);
};

/** Groups that variants name, by attribute of EXT-X-STREAM-INF and TYPE of EXT-X-MEDIA. */
const GROUP_TYPES = { AUDIO: "AUDIO", SUBTITLES: "SUBTITLES", VIDEO: "VIDEO" } as const;

const checkGroups = ({ variants, renditions }: Multivariant, findings: Findings): void => {
  const add = (message: string): void => findings.add("hls-groups", file, message);
  for (const [attribute, type] of Object.entries(GROUP_TYPES)) {
    const there = renditions.filter(({ attributes }) => attributes.TYPE === type);
    const groups = new Set(there.map(({ attributes }) => attributes["GROUP-ID"]));
    const named = new Set(variants.flatMap(({ attributes }) => attributes[attribute] ?? []));
    for (const id of named)
      if (!groups.has(id)) add(`A variant names ${type} group ${id}, which is not there.`);
    for (const id of groups)
      if (id === undefined || !named.has(id)) add(`No variant names ${type} group ${id}.`);
    for (const id of groups) {
      const members = there.filter(({ attributes }) => attributes["GROUP-ID"] === id);
      const names = members.map(({ attributes }) => attributes.NAME);
      if (new Set(names).size < names.length || names.includes(undefined))
        add(`Names of group ${id}: ${names}.`);
      const defaults = members.filter(({ attributes }) => attributes.DEFAULT === "YES");
      const most = defaults.length <= 1 && (type !== "AUDIO" || defaults.length === 1);
      if (!most) add(`${defaults.length} members of group ${id} are the default.`);
      for (const { attributes } of defaults) {
        if (attributes.AUTOSELECT !== "YES")
          add(`${attributes.NAME} is the default, but not AUTOSELECT.`);
      }
    }
  }
  const iFrameNames = variants.filter(({ attributes }) => attributes.AUDIO === undefined);
  const hasAudio = renditions.some(({ attributes }) => attributes.TYPE === "AUDIO");
  if (hasAudio && iFrameNames.length > 0) add("A variant has no sound, though there is some.");
};

/** Tracks that play together when a variant is chosen: its own and every one of its audio group. */
const tracksOf = ({ attributes, playlist }: Named, presentation: Presentation) => {
  const trackOf = (name: string | null): Track | undefined =>
    presentation.tracks.find((track) => track.playlist?.file === name);
  const own = trackOf(playlist);
  const group = (presentation.multivariant?.renditions ?? []).filter(
    (rendition) =>
      rendition.attributes.TYPE === "AUDIO" &&
      rendition.attributes["GROUP-ID"] === attributes.AUDIO,
  );
  const sound = group.flatMap((rendition) => trackOf(rendition.playlist) ?? []);
  return { own, sound };
};

/** Apple's tools and the DASH twin take 2 % for the peak and 1 % for the average. */
const MOST_PEAK = 1.02;
const AVERAGE_TOLERANCE = 0.01;

const RATE_TOLERANCE = 0.001;

const checkVariant = (variant: Named, presentation: Presentation, findings: Findings): void => {
  const { own, sound } = tracksOf(variant, presentation);
  const { attributes, playlist } = variant;
  if (own === undefined) return;
  const codecs = [own, ...sound].map(({ header }) => codecOf(header.entry));
  const declared = (attributes.CODECS ?? "")
    .toLowerCase()
    .split(",")
    .filter((name) => !/^(stpp|wvtt)/.test(name));
  findings.same(
    [...new Set(declared)].sort().join(),
    [...new Set(codecs)].sort().join(),
    "hls-codecs",
    file,
    `CODECS of ${playlist}`,
  );
  if (own.kind === "video") {
    const { width, height } = own.header.entry.visual ?? { width: 0, height: 0 };
    findings.same(
      attributes.RESOLUTION,
      `${width}x${height}`,
      "hls-resolution",
      file,
      `RESOLUTION of ${playlist}`,
    );
    const real = own.header.media.timescale / usualDuration(own);
    const rate = Number(attributes["FRAME-RATE"]);
    const isRight = Math.abs(rate - real) <= RATE_TOLERANCE;
    findings.require(
      isRight,
      "hls-frame-rate",
      file,
      `FRAME-RATE of ${playlist} is ${rate}, not ${real}.`,
    );
  }
  checkRates(variant, [own], sound, presentation, findings);
};

const checkRates = (
  { attributes, playlist }: Named,
  own: readonly Track[],
  sound: readonly Track[],
  presentation: Presentation,
  findings: Findings,
): void => {
  const { files } = presentation;
  const most = (tracks: readonly Track[], rate: (track: Track) => number): number =>
    Math.max(0, ...tracks.map(rate));
  const peakOf = ({ playlist: list }: Track): number =>
    list === null ? 0 : peakRate(stretchesOf(list, files), list.targetDuration ?? 0);
  const averageOf = ({ playlist: list }: Track): number =>
    list === null ? 0 : averageRate(stretchesOf(list, files));
  // A variant without pictures is itself one of the renditions: it is not fetched besides.
  const pictures = own.filter(({ kind }) => kind === "video");
  const others = pictures.length === 0 ? [...own, ...sound] : sound;
  const text = textOf(attributes.SUBTITLES, presentation).map((list) => stretchesOf(list, files));
  // One file over the whole length: its peak is its average.
  const textRate = Math.max(0, ...text.map(averageRate));
  const peak = most(pictures, peakOf) + most(others, peakOf) + textRate;
  const bandwidth = Number(attributes.BANDWIDTH);
  const isPeak = bandwidth >= peak - 2 && bandwidth <= peak * MOST_PEAK + 2;
  findings.require(
    isPeak,
    "hls-bandwidth",
    file,
    `BANDWIDTH of ${playlist} is ${bandwidth}, measured are ${peak}.`,
  );
  const average = most(pictures, averageOf) + most(others, averageOf) + textRate;
  const declared = Number(attributes["AVERAGE-BANDWIDTH"]);
  const isAverage = Math.abs(declared - average) <= average * AVERAGE_TOLERANCE + 2;
  findings.require(
    isAverage,
    "hls-average-bandwidth",
    file,
    `AVERAGE-BANDWIDTH of ${playlist} is ${declared}, measured are ${average}.`,
  );
};

/** Playlists of a group of text, which are fetched beside pictures and sound (RFC 8216 §4.3.4.2). */
const textOf = (
  group: string | undefined,
  { multivariant, playlists }: Presentation,
): MediaPlaylist[] =>
  (multivariant?.renditions ?? [])
    .filter(({ attributes }) => attributes.TYPE === "SUBTITLES" && attributes["GROUP-ID"] === group)
    .flatMap(({ playlist }) => playlists.get(playlist ?? "") ?? []);

const checkRendition = (
  { attributes, playlist }: Named,
  presentation: Presentation,
  findings: Findings,
): void => {
  const rule = "hls-renditions";
  const { LANGUAGE, NAME, TYPE, CHANNELS } = attributes;
  // Text of which nobody knows the language has none; sound says so with `und`.
  const isUnknown = LANGUAGE === undefined && TYPE === "SUBTITLES";
  const isTag = isUnknown || (LANGUAGE !== undefined && languageOf(LANGUAGE) !== null);
  findings.require(isTag, rule, file, `LANGUAGE of ${NAME} is ${LANGUAGE}.`);
  if (TYPE !== "AUDIO") return;
  findings.require(playlist !== null, rule, file, `${NAME} names no playlist.`);
  const track = presentation.tracks.find((each) => each.playlist?.file === playlist);
  if (track === undefined) return;
  const channels = channelsOf(track.header.entry.aac?.channelConfiguration ?? 0);
  findings.same(Number(CHANNELS?.split("/")[0]), channels, rule, file, `CHANNELS of ${NAME}`);
  const inHeader = languageOf(track.header.media.language);
  findings.same(languageOf(LANGUAGE ?? ""), inHeader, rule, file, `LANGUAGE of ${NAME}`);
};
