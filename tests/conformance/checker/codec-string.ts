import type { SampleEntry } from "./bmff/header.ts";

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");

/** The `codecs` value that a sample entry stands for (RFC 6381 §3.3), in lower case; null for one we do not know. */
export const codecOf = ({ type, avc, aac }: SampleEntry): string | null => {
  if (avc !== null) return `${type}.${hex(avc.profile)}${hex(avc.compatibility)}${hex(avc.level)}`;
  if (aac !== null) return `${type}.${hex(aac.objectTypeIndication)}.${aac.objectType}`;
  return null;
};
