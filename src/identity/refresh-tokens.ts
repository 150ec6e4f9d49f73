import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Refresh tokens, opaque to clients: session id (16 bytes), secret (32), seal (16), in base64url.
 *
 * - The secret starts random; each next one is an HMAC of the one before. So whoever refreshes twice
 *   at once with one token, as two tabs do, gets one and the same successor, though the database
 *   holds hashes only and nothing has to be remembered per tab.
 * - The seal tells a token of ours that is long replaced (reuse: the session ends) from one that
 *   somebody made up (which must not be able to end anyone's session).
 */
export type RefreshTokens = {
  first(sessionId: string): string;
  /** The one that replaces `token`; always the same one. */
  successor(token: string): string;
  /** The session that the token was made for; null when it is not one of ours. */
  sessionOf(token: string): string | null;
};

const ID_BYTES = 16;
const SECRET_BYTES = 32;
const SEAL_BYTES = 16;

export const createRefreshTokens = (key: Uint8Array): RefreshTokens => {
  const hmac = (purpose: string, data: Uint8Array) =>
    createHmac("sha256", key).update(purpose).update(data).digest();
  const sealed = (id: Uint8Array, secret: Uint8Array): string => {
    const body = Buffer.concat([id, secret]);
    return Buffer.concat([body, sealOf(body)]).toString("base64url");
  };
  const sealOf = (body: Uint8Array) => hmac("seal:", body).subarray(0, SEAL_BYTES);
  const bytesOf = (token: string) => Buffer.from(token, "base64url");

  return {
    first: (sessionId) =>
      sealed(Buffer.from(sessionId.replaceAll("-", ""), "hex"), randomBytes(SECRET_BYTES)),
    successor: (token) => {
      const bytes = bytesOf(token);
      return sealed(
        bytes.subarray(0, ID_BYTES),
        hmac("next:", bytes.subarray(0, ID_BYTES + SECRET_BYTES)),
      );
    },
    sessionOf: (token) => {
      const bytes = bytesOf(token);
      const body = bytes.subarray(0, ID_BYTES + SECRET_BYTES);
      if (bytes.length !== ID_BYTES + SECRET_BYTES + SEAL_BYTES) {
        return null;
      }
      // Base64url has several spellings of the same bytes; only ours has the hash that is stored.
      const ours =
        timingSafeEqual(bytes.subarray(body.length), sealOf(body)) &&
        bytes.toString("base64url") === token;
      return ours ? asUuid(bytes.subarray(0, ID_BYTES)) : null;
    },
  };
};

/** What the database keeps: a leaked table lets nobody in. A slow hash is for passwords; this is 256 bits of chance. */
export const hashOfToken = (token: string): string =>
  createHash("sha256").update(token).digest("hex");

const asUuid = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
