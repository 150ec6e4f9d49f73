import { lines, quoted, tag } from "./hls-tag.ts";
import { hlsVersion } from "./hls-version.ts";
import { languageName } from "./language-name.ts";
import { firstSegmentNumber, mediaPlaylistName, textFileName } from "./names.ts";
import type { TextTrack } from "./presentation.ts";

/** GROUP-ID of the one group that holds every text track. */
const TEXT_GROUP = "text";

/** EXT-X-STREAM-INF's SUBTITLES attribute (RFC 8216 §4.3.4.2); undefined without text. */
export const subtitlesAttribute = (text: readonly TextTrack[]): string | undefined =>
  text.length > 0 ? quoted(TEXT_GROUP) : undefined;

/** One EXT-X-MEDIA for each text track (§4.3.4.1). */
export const textRenditions = (text: readonly TextTrack[]): string[] => {
  const names = uniqueNames(text);
  return text.map((track, index) =>
    tag("EXT-X-MEDIA", {
      TYPE: "SUBTITLES",
      "GROUP-ID": quoted(TEXT_GROUP),
      NAME: quoted(names[index] ?? track.id),
      LANGUAGE: quoted(track.language),
      DEFAULT: track.isDefault ? "YES" : "NO",
      // §4.3.4.1: YES is required with DEFAULT=YES, and lets players follow the viewer's settings.
      AUTOSELECT: "YES",
      FORCED: track.isForced ? "YES" : "NO",
      CHARACTERISTICS: track.kind === "captions" ? quoted(CAPTIONS) : undefined,
      URI: quoted(`${encodeURI(track.path)}/${mediaPlaylistName}`),
    }),
  );
};

/** Apple HLS authoring specification 4.4: what captions for the deaf and hard of hearing are marked with. */
const CAPTIONS =
  "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound";

/**
 * The media playlist of a text track: one segment over the whole length. Its target duration is its
 * own, which RFC 8216 §6.2.4 allows to subtitles of a VOD playlist.
 */
export const buildTextPlaylist = (durationSeconds: number): string =>
  lines([
    "#EXTM3U",
    `#EXT-X-VERSION:${hlsVersion}`,
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.round(durationSeconds))}`,
    `#EXT-X-MEDIA-SEQUENCE:${firstSegmentNumber}`,
    "#EXT-X-PLAYLIST-TYPE:VOD",
    `#EXTINF:${durationSeconds.toFixed(6)},`,
    textFileName,
    "#EXT-X-ENDLIST",
  ]);

/** What people read in a player's menu; NAME must be unique in its group (§4.3.4.1.1). */
const uniqueNames = (text: readonly TextTrack[]): string[] => {
  const taken = new Set<string>();
  return text.map((track) => {
    const name = track.label?.replace(/["\r\n]/g, "").trim() || defaultName(track);
    let unique = name;
    for (let count = 2; taken.has(unique); count += 1) unique = `${name} ${count}`;
    taken.add(unique);
    return unique;
  });
};

/** Name of a text track without a label, by its language and purpose. */
export const defaultName = ({
  language,
  kind,
  isForced,
}: Pick<TextTrack, "language" | "kind" | "isForced">): string => {
  const name = languageName(language) ?? (kind === "captions" ? "Captions" : "Subtitles");
  if (isForced) return `${name} (forced)`;
  return kind === "captions" && language !== "und" ? `${name} (captions)` : name;
};
