import { quoted, tag } from "./hls-tag.ts";
import { languageName } from "./language-name.ts";
import { mediaPlaylistName } from "./names.ts";
import type { AudioTrack } from "./presentation.ts";

/** GROUP-ID of the one group that holds every track of sound. */
const AUDIO_GROUP = "audio";

/** EXT-X-STREAM-INF's AUDIO attribute (RFC 8216 §4.3.4.2); undefined without sound. */
export const audioAttribute = (audio: readonly AudioTrack[]): string | undefined =>
  audio.length > 0 ? quoted(AUDIO_GROUP) : undefined;

/** One EXT-X-MEDIA for each track of sound (§4.3.4.1); the first is what plays unasked. */
export const audioRenditions = (audio: readonly AudioTrack[]): string[] =>
  languageNames(audio).map(({ track, name }, index) => audioRendition(track, name, index === 0));

const audioRendition = (track: AudioTrack, name: string, isDefault: boolean): string =>
  tag("EXT-X-MEDIA", {
    TYPE: "AUDIO",
    "GROUP-ID": quoted(AUDIO_GROUP),
    NAME: quoted(name),
    LANGUAGE: quoted(track.language),
    DEFAULT: isDefault ? "YES" : "NO",
    AUTOSELECT: "YES",
    CHANNELS: quoted(String(track.channels)),
    URI: quoted(`${encodeURI(track.path)}/${mediaPlaylistName}`),
  });

/** NAME must be unique in its group (§4.3.4.1.1): further tracks of one language are numbered. */
const languageNames = (audio: readonly AudioTrack[]): { track: AudioTrack; name: string }[] => {
  const counts = new Map<string, number>();
  return audio.map((track) => {
    const name = languageName(track.language) ?? "Audio";
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return { track, name: count === 1 ? name : `${name} ${count}` };
  });
};
