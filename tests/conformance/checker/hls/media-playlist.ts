import { Unreadable } from "../cursor.ts";
import { resolvePath } from "../paths.ts";
import { attributeList, playlistLines } from "./playlist-lines.ts";

/** A media playlist (RFC 8216 §4.3.3). */
export type MediaPlaylist = {
  readonly file: string;
  readonly version: number;
  /** Seconds; null without the tag. */
  readonly targetDuration: number | null;
  readonly mediaSequence: number;
  /** `VOD`, `EVENT` or null. */
  readonly type: string | null;
  readonly isIndependent: boolean;
  readonly isIFramesOnly: boolean;
  readonly hasEnd: boolean;
  readonly segments: readonly ListedSegment[];
};

export type ListedSegment = {
  readonly file: string;
  /** EXTINF, in seconds. */
  readonly duration: number;
  readonly range: ByteRange | null;
  /** EXT-X-MAP that holds for it. */
  readonly map: { readonly file: string; readonly range: ByteRange | null } | null;
  readonly isDiscontinuous: boolean;
};

export type ByteRange = { readonly start: number; readonly length: number };

/** Tags that may stand once (§4.3.3). */
const SINGLE_TAGS = new Set([
  "EXT-X-VERSION",
  "EXT-X-TARGETDURATION",
  "EXT-X-MEDIA-SEQUENCE",
  "EXT-X-PLAYLIST-TYPE",
  "EXT-X-I-FRAMES-ONLY",
  "EXT-X-INDEPENDENT-SEGMENTS",
  "EXT-X-ENDLIST",
]);

export const readMediaPlaylist = (file: string, text: string): MediaPlaylist => {
  const single = new Map<string, string>();
  const segments: ListedSegment[] = [];
  let duration: number | null = null;
  let range: string | null = null;
  let map: ListedSegment["map"] = null;
  let isDiscontinuous = false;
  const inside = (uri: string): string => {
    const path = resolvePath(file, uri);
    if (path === null) throw new Unreadable(`${uri} leads outside the presentation`);
    return path;
  };
  for (const line of playlistLines(text)) {
    if (line.kind === "uri") {
      if (duration === null) throw new Unreadable(`${line.uri} has no EXTINF`);
      const path = inside(line.uri);
      const previous = segments.at(-1);
      const ownRange = range === null ? null : byteRange(range, path, previous);
      segments.push({ file: path, duration, range: ownRange, map, isDiscontinuous });
      [duration, range, isDiscontinuous] = [null, null, false];
      continue;
    }
    const { name, value } = line;
    if (SINGLE_TAGS.has(name)) {
      if (single.has(name)) throw new Unreadable(`${name} stands twice`);
      single.set(name, value);
    } else if (name === "EXTINF") {
      if (!/^\d+(\.\d+)?,/.test(value)) throw new Unreadable(`EXTINF is ${value}`);
      duration = Number.parseFloat(value);
    } else if (name === "EXT-X-BYTERANGE") range = value;
    else if (name === "EXT-X-DISCONTINUITY") isDiscontinuous = true;
    else if (name === "EXT-X-MAP") {
      const { URI, BYTERANGE } = attributeList(value);
      if (URI === undefined) throw new Unreadable("an EXT-X-MAP without an address");
      const path = inside(URI);
      map = { file: path, range: BYTERANGE === undefined ? null : byteRange(BYTERANGE, path) };
    } else if (name !== "EXT-X-BITRATE") throw new Unreadable(`${name} has no place here`);
  }
  const number = (name: string): number | null => {
    const value = single.get(name);
    if (value === undefined) return null;
    if (!/^\d+$/.test(value)) throw new Unreadable(`${name} is ${value}`);
    return Number(value);
  };
  return {
    file,
    version: number("EXT-X-VERSION") ?? 1,
    targetDuration: number("EXT-X-TARGETDURATION"),
    mediaSequence: number("EXT-X-MEDIA-SEQUENCE") ?? 0,
    type: single.get("EXT-X-PLAYLIST-TYPE") ?? null,
    isIndependent: single.has("EXT-X-INDEPENDENT-SEGMENTS"),
    isIFramesOnly: single.has("EXT-X-I-FRAMES-ONLY"),
    hasEnd: single.has("EXT-X-ENDLIST"),
    segments,
  };
};

/** `length@start`; without a start it follows the range before it in the same file (§4.3.2.2). */
const byteRange = (text: string, file: string, previous?: ListedSegment): ByteRange => {
  const match = /^(\d+)(?:@(\d+))?$/.exec(text);
  if (match === null) throw new Unreadable(`the byte range is ${text}`);
  const [, length, start] = match;
  if (start !== undefined) return { start: Number(start), length: Number(length) };
  if (previous?.range == null || previous.file !== file) {
    throw new Unreadable(`the byte range ${text} follows no other`);
  }
  return { start: previous.range.start + previous.range.length, length: Number(length) };
};
