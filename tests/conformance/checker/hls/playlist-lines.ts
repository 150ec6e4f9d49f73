import { Unreadable } from "../cursor.ts";

/** Attributes of a tag (RFC 8216 §4.2), quotes taken off. */
export type AttributeList = Readonly<Record<string, string>>;

export type PlaylistLine =
  | { readonly kind: "tag"; readonly name: string; readonly value: string }
  | { readonly kind: "uri"; readonly uri: string };

/** The tags and addresses of a playlist; throws `Unreadable` unless it begins as one (§4.3.1.1). */
export const playlistLines = (text: string): PlaylistLine[] => {
  const lines = text.split(/\r?\n/);
  if (lines[0] !== "#EXTM3U") throw new Unreadable("the first line is not #EXTM3U");
  if (!text.endsWith("\n")) throw new Unreadable("the last line is not ended");
  return lines.slice(1).flatMap((line): PlaylistLine[] => {
    if (line === "" || (line.startsWith("#") && !line.startsWith("#EXT"))) return [];
    if (!line.startsWith("#")) return [{ kind: "uri", uri: line }];
    const colon = line.indexOf(":");
    return colon < 0
      ? [{ kind: "tag", name: line.slice(1), value: "" }]
      : [{ kind: "tag", name: line.slice(1, colon), value: line.slice(colon + 1) }];
  });
};

const ATTRIBUTE = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,|$)/y;

/** Reads an attribute list; throws `Unreadable` on bad syntax and on a name that stands twice. */
export const attributeList = (text: string): AttributeList => {
  const attributes: Record<string, string> = {};
  ATTRIBUTE.lastIndex = 0;
  while (ATTRIBUTE.lastIndex < text.length) {
    const at = ATTRIBUTE.lastIndex;
    const match = ATTRIBUTE.exec(text);
    if (match === null) throw new Unreadable(`no attribute begins at ${text.slice(at, at + 40)}`);
    const [, name = "", value = ""] = match;
    if (name in attributes) throw new Unreadable(`${name} stands twice`);
    attributes[name] = value.startsWith('"') ? value.slice(1, -1) : value;
  }
  return attributes;
};
