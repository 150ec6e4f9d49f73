import { quoted, tag } from "./hls-tag.ts";
import { languageName } from "./language-name.ts";
import { mediaPlaylistName } from "./names.ts";
import type { AudioTrack, SoundPurpose } from "./presentation.ts";

/** GROUP-ID of the one group that holds every track of sound. */
const AUDIO_GROUP = "audio";

/** EXT-X-STREAM-INF's AUDIO attribute (RFC 8216 §4.3.4.2); undefined without sound. */
export const audioAttribute = (audio: readonly AudioTrack[]): string | undefined =>
  audio.length > 0 ? quoted(AUDIO_GROUP) : undefined;

/** One EXT-X-MEDIA for each track of sound (§4.3.4.1); the first is what plays unasked. */
export const audioRenditions = (audio: readonly AudioTrack[]): string[] =>
  languageNames(audio).map(({ track, name }, index) => audioRendition(track, name, index === 0));

const audioRendition = (track: AudioTrack, name: string, isDefault: boolean): string => {
  const characteristics = track.purpose === undefined ? undefined : CHARACTERISTICS[track.purpose];
  return tag("EXT-X-MEDIA", {
    TYPE: "AUDIO",
    "GROUP-ID": quoted(AUDIO_GROUP),
    NAME: quoted(name),
    LANGUAGE: quoted(track.language),
    DEFAULT: isDefault ? "YES" : "NO",
    // A commentary is heard by choice alone, unless it is all there is.
    AUTOSELECT: track.purpose === "commentary" && !isDefault ? "NO" : "YES",
    CHARACTERISTICS: characteristics === undefined ? undefined : quoted(characteristics),
    CHANNELS: quoted(String(track.channels)),
    URI: quoted(`${encodeURI(track.path)}/${mediaPlaylistName}`),
  });
};

/**
 * What people read in a player's menu: the title, else language and purpose. NAME must be unique in its
 * group (§4.3.4.1.1): further tracks of one name are numbered.
 */
const languageNames = (audio: readonly AudioTrack[]): { track: AudioTrack; name: string }[] => {
  const taken = new Set<string>();
  return audio.map((track) => {
    const name = track.label?.replace(/["\r\n]/g, "").trim() || nameOf(track);
    let unique = name;
    for (let count = 2; taken.has(unique); count += 1) unique = `${name} ${count}`;
    taken.add(unique);
    return { track, name: unique };
  });
};

const nameOf = ({ language, purpose }: AudioTrack): string => {
  const name = languageName(language) ?? "Audio";
  return purpose === undefined ? name : `${name} (${PURPOSE_NAMES[purpose]})`;
};

const PURPOSE_NAMES: Readonly<Record<SoundPurpose, string>> = {
  commentary: "commentary",
  description: "audio description",
  "clear-speech": "clear speech",
};

/** Apple HLS authoring specification, appendix on accessibility: media characteristics of sound. */
const CHARACTERISTICS: Readonly<Partial<Record<SoundPurpose, string>>> = {
  description: "public.accessibility.describes-video",
  "clear-speech": "public.accessibility.enhances-speech-intelligibility",
};
