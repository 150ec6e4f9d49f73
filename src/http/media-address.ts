import { SluiceError } from "../errors.ts";
import type { Keys } from "../keys.ts";
import { openToken, sealToken } from "../signed-token.ts";

/**
 * Addresses end with the window after the current one, so that they are good for 6 to 12 hours and
 * stay the same within a window: browsers find posters and segments in their cache again.
 */
const WINDOW_MS = 6 * 3600 * 1000;

type Presentation = { readonly videoId: string; readonly presentationId: string };

/**
 * Signed addresses of presentations, `{publicUrl}/media/{token}/{presentationId}/…`. The token
 * stands in the path so that the relative addresses in manifests keep it. Whoever has one can watch
 * until it expires, also when the video becomes private in between.
 */
export type MediaAddresses = {
  /** @returns the folder's address, no trailing slash, and how long it is good */
  sign(presentation: Presentation, now?: Date): { url: string; expiresAt: Date };
  /** @throws SluiceError `url_signature_invalid`, `url_expired` */
  open(token: string, presentationId: string, now?: Date): Presentation;
};

export const mediaAddresses = (keys: Keys, publicUrl: string): MediaAddresses => {
  const key = keys("media-url");
  return {
    sign: ({ videoId, presentationId }, now = new Date()) => {
      const expiryMs = (Math.floor(now.getTime() / WINDOW_MS) + 2) * WINDOW_MS;
      const token = sealToken(key, [videoId, presentationId, expiryMs]);
      return {
        url: `${publicUrl}/media/${token}/${presentationId}`,
        expiresAt: new Date(expiryMs),
      };
    },
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
