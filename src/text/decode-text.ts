import { analyse } from "chardet";

/** What of a long file is looked at to guess its encoding. */
const SAMPLE_BYTES = 64 * 1024;

/** A guess below this (of 100) is worth less than the encoding that most such files have. */
const LEAST_CONFIDENCE = 30;

/** What programs for Western languages wrote before UTF-8; it knows a character for almost every byte. */
const FALLBACK = "windows-1252";

/** ISO 8859-1 is read as its superset, as browsers do (WHATWG Encoding §4.2). */
const SUPERSETS: Readonly<Record<string, string>> = {
  "ISO-8859-1": "windows-1252",
  "ISO-8859-9": "windows-1254",
  ASCII: "windows-1252",
};

/**
 * Text of a file whose encoding nobody states: by its byte order mark, as UTF-8 where it is valid
 * UTF-8 (nothing else looks like it by chance), as UTF-16 where every other byte is zero, else as the
 * statistics of its bytes suggest. Never throws: what cannot be decoded becomes U+FFFD.
 */
export const decodeText = (bytes: Uint8Array): string => {
  const marked = byteOrderMark(bytes) ?? utf16WithoutMark(bytes);
  if (marked !== null) return new TextDecoder(marked).decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder(guess(bytes)).decode(bytes);
  }
};

const byteOrderMark = ([first, second, third]: Uint8Array): string | null => {
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return null;
};

/** Times and numbers are ASCII in every language, so UTF-16 has many zero bytes on one side and hardly any on the other. */
const utf16WithoutMark = (bytes: Uint8Array): string | null => {
  const sample = bytes.subarray(0, SAMPLE_BYTES & ~1);
  const zeros = [0, 0];
  sample.forEach((byte, index) => {
    if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = zeros;
  const many = sample.length / 8;
  if (odd > many && even < odd / 8) return "utf-16le";
  if (even > many && odd < even / 8) return "utf-16be";
  return null;
};

const guess = (bytes: Uint8Array): string => {
  const best = analyse(bytes.subarray(0, SAMPLE_BYTES)).find(
    ({ name, confidence }) => confidence >= LEAST_CONFIDENCE && isDecodable(labelOf(name)),
  );
  return best === undefined ? FALLBACK : labelOf(best.name);
};

const labelOf = (name: string): string => SUPERSETS[name] ?? name;

/** It was not valid UTF-8, and UTF-16 has been tried. */
const isDecodable = (label: string): boolean => {
  if (/^utf-/i.test(label)) return false;
  try {
    return new TextDecoder(label).encoding !== "";
  } catch {
    return false;
  }
};
