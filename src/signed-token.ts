import { createHmac, timingSafeEqual } from "node:crypto";

/** 128 bits: nobody finds a signature by trying, and addresses stay short (RFC 2104, section 5, allows half the hash). */
const SIGNATURE_BYTES = 16;

/**
 * Makes a token that carries `payload` readably and cannot be forged without `key`. URL-safe.
 * What the token is good for, and until when, must stand in the payload.
 */
export const sealToken = (key: Uint8Array, payload: readonly (string | number)[]): string => {
  const text = Buffer.from(JSON.stringify(payload)).toString("base64url");
  return `${text}.${signature(key, text).toString("base64url")}`;
};

/** The payload of a token made by `sealToken` with the same key; null for anything else. */
export const openToken = (key: Uint8Array, token: string): readonly unknown[] | null => {
  const [text = "", given = "", ...rest] = token.split(".");
  const expected = signature(key, text);
  const bytes = Buffer.from(given, "base64url");
  // The text is compared too: base64url has several spellings of the same bytes.
  const spelled = bytes.toString("base64url") === given;
  if (
    rest.length > 0 ||
    !spelled ||
    bytes.length !== expected.length ||
    !timingSafeEqual(bytes, expected)
  ) {
    return null;
  }
  return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
};

const signature = (key: Uint8Array, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest().subarray(0, SIGNATURE_BYTES);
