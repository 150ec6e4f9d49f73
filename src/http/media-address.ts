import { SluiceError } from "../errors.ts";
import type { Keys } from "../keys.ts";
import { openToken, sealToken } from "../signed-token.ts";

/**
 * Addresses end with the window after the current one, so that they are good for 6 to 12 hours and
 * stay the same within a window: browsers find posters and segments in their cache again.
 */
const WINDOW_MS = 6 * 3600 * 1000;

/** When what is signed now expires. */
export const windowEnd = (now: Date): Date =>
  new Date((Math.floor(now.getTime() / WINDOW_MS) + 2) * WINDOW_MS);

export type PresentationIds = { readonly videoId: string; readonly presentationId: string };

/** What requests below an address must carry where the address is not the authority by itself. */
export type MediaCredentials = {
  readonly cookies: Readonly<Record<string, string>>;
  /** The same as a query, for clients that keep no cookies. */
  readonly query: string;
  /** Where browsers are to send the cookies. */
  readonly domain: string;
  readonly path: string;
  readonly secure: boolean;
};

export type SignedPresentation = {
  /** Of the folder, no trailing slash. */
  readonly url: string;
  readonly expiresAt: Date;
  /** null where the address is the whole authority. */
  readonly credentials: MediaCredentials | null;
};

/**
 * Addresses of presentations, for as long as they are good. Whoever has one (and what belongs to it)
 * can watch that presentation until it expires, also when the video becomes private in between.
 */
export type MediaAddresses = {
  sign(presentation: PresentationIds, now?: Date): SignedPresentation;
  /** Of one file, good by itself wherever it is asked for: posters in lists. */
  fileUrl(presentation: PresentationIds, name: string, now?: Date): string;
};

/** Addresses that the api serves itself. */
export type OwnMediaAddresses = MediaAddresses & {
  /** @throws SluiceError `url_signature_invalid`, `url_expired` */
  open(token: string, presentationId: string, now?: Date): PresentationIds;
};

/**
 * The api's own signed addresses, `{publicUrl}/media/{token}/{presentationId}/…`. The token stands in
 * the path so that the relative addresses in manifests keep it.
 */
export const mediaAddresses = (keys: Keys, publicUrl: string): OwnMediaAddresses => {
  const key = keys("media-url");
  const sign: MediaAddresses["sign"] = ({ videoId, presentationId }, now = new Date()) => {
    const expiresAt = windowEnd(now);
    const token = sealToken(key, [videoId, presentationId, expiresAt.getTime()]);
    return { url: `${publicUrl}/media/${token}/${presentationId}`, expiresAt, credentials: null };
  };
  return {
    sign,
    fileUrl: (presentation, name, now) => `${sign(presentation, now).url}/${name}`,
    open: (token, presentationId, now = new Date()) => {
      const payload = openToken(key, token);
      if (payload === null || payload[1] !== presentationId) {
        throw new SluiceError("url_signature_invalid");
      }
      // What is signed with this key was made by `sign`.
      const [videoId, , expiryMs] = payload as [string, string, number];
      if (expiryMs <= now.getTime()) {
        throw new SluiceError("url_expired");
      }
      return { videoId, presentationId };
    },
  };
};
