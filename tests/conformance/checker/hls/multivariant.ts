import { Unreadable } from "../cursor.ts";
import { resolvePath } from "../paths.ts";
import { type AttributeList, attributeList, playlistLines } from "./playlist-lines.ts";

/** A multivariant playlist (RFC 8216 §4.3.4). */
export type Multivariant = {
  readonly file: string;
  readonly version: number;
  readonly isIndependent: boolean;
  readonly variants: readonly Named[];
  /** EXT-X-I-FRAME-STREAM-INF. */
  readonly iFrames: readonly Named[];
  /** EXT-X-MEDIA; one without an address has none. */
  readonly renditions: readonly Named[];
};

/** A tag with the playlist that it names. */
export type Named = { readonly attributes: AttributeList; readonly playlist: string | null };

/** Tags of a multivariant playlist that have nothing to say here. */
const OTHER_TAGS = new Set(["EXT-X-START", "EXT-X-SESSION-DATA", "EXT-X-IMAGE-STREAM-INF"]);

export const readMultivariant = (file: string, text: string): Multivariant => {
  const variants: Named[] = [];
  const iFrames: Named[] = [];
  const renditions: Named[] = [];
  let version = 1;
  let isIndependent = false;
  let pending: AttributeList | null = null;
  const named = (attributes: AttributeList, uri: string | undefined): Named => {
    if (uri === undefined) return { attributes, playlist: null };
    const playlist = resolvePath(file, uri);
    if (playlist === null) throw new Unreadable(`${uri} leads outside the presentation`);
    return { attributes, playlist };
  };
  for (const line of playlistLines(text)) {
    if (line.kind === "uri") {
      if (pending === null) throw new Unreadable(`${line.uri} follows no EXT-X-STREAM-INF`);
      variants.push(named(pending, line.uri));
      pending = null;
      continue;
    }
    if (pending !== null) throw new Unreadable("an EXT-X-STREAM-INF without an address");
    const { name, value } = line;
    const attributes = (): AttributeList => attributeList(value);
    if (name === "EXT-X-VERSION") version = Number(value);
    else if (name === "EXT-X-INDEPENDENT-SEGMENTS") isIndependent = true;
    else if (name === "EXT-X-STREAM-INF") pending = attributes();
    else if (name === "EXT-X-I-FRAME-STREAM-INF")
      iFrames.push(named(attributes(), attributes().URI));
    else if (name === "EXT-X-MEDIA") renditions.push(named(attributes(), attributes().URI));
    else if (!OTHER_TAGS.has(name)) throw new Unreadable(`${name} has no place here`);
  }
  if (pending !== null) throw new Unreadable("an EXT-X-STREAM-INF without an address");
  return { file, version, isIndependent, variants, iFrames, renditions };
};
