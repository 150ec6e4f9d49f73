/** How one file of a presentation is delivered. */
export type MediaType = {
  readonly contentType: string;
  /** Manifests change when text tracks are added; everything they name is written once. */
  readonly changes: boolean;
};

/** For caches of one person's browser and no others, as the api delivers. */
const PRIVATE = { changes: "private, no-cache", lasts: "private, max-age=31536000, immutable" };
/** For a CDN as well, which would not keep what is `private`; it asks for each viewer's permission itself. */
const SHARED = { changes: "no-cache", lasts: "max-age=31536000, immutable" };

/**
 * What may be asked for, by ending; anything else in a presentation is for the server alone. Media
 * types: ISO/IEC 23009-1 Annex C (DASH), RFC 8216 section 4 (HLS), RFC 4337 (MP4, also for CMAF
 * segments, ISO/IEC 23000-19), RFC 8081's sibling WebVTT.
 * @param name relative to the presentation, as in `src/presentation/names.ts`
 * @returns null for what is not delivered
 */
export const mediaTypeOf = (name: string): MediaType | null => {
  const mp4 = name.startsWith("a/") ? "audio/mp4" : "video/mp4";
  const types: Record<string, MediaType> = {
    mpd: { contentType: "application/dash+xml", changes: true },
    m3u8: { contentType: "application/vnd.apple.mpegurl", changes: true },
    mp4: { contentType: mp4, changes: false },
    m4s: { contentType: mp4, changes: false },
    jpg: { contentType: "image/jpeg", changes: false },
    vtt: { contentType: "text/vtt; charset=utf-8", changes: false },
  };
  const ending = name.split(".").at(-1) ?? "";
  return Object.hasOwn(types, ending) ? (types[ending] ?? null) : null;
};

/** `Cache-Control` of what the api delivers itself. */
export const deliveredCacheControl = ({ changes }: MediaType): string =>
  changes ? PRIVATE.changes : PRIVATE.lasts;

/** What a store keeps with an object and sends along with it; also for files that are never delivered. */
export type StoredHeaders = { readonly contentType: string; readonly cacheControl: string };

/**
 * Headers of an object in a store that has them. Everybody who writes to such a store uses this.
 * @param name relative to the presentation
 */
export const storedHeaders = (name: string): StoredHeaders => {
  const type = mediaTypeOf(name);
  if (type !== null) {
    return {
      contentType: type.contentType,
      cacheControl: type.changes ? SHARED.changes : SHARED.lasts,
    };
  }
  const contentType = name.endsWith(".json") ? "application/json" : "application/octet-stream";
  return { contentType, cacheControl: SHARED.changes };
};
