/** The one place where object keys are made; names inside a presentation are in `src/presentation/names.ts`. */

/** The uploaded file, `uploads/{userId}/{videoId}/source`. */
export const sourceKey = (userId: string, videoId: string): string =>
  `uploads/${userId}/${videoId}/source`;

/** Ids out of a source key, or null for any other key. */
export const parseSourceKey = (key: string): { userId: string; videoId: string } | null => {
  const match = /^uploads\/([^/]+)\/([^/]+)\/source$/.exec(key);
  return match?.[1] && match[2] ? { userId: match[1], videoId: match[2] } : null;
};

/** All presentations of a video, finished or not. */
export const videoMediaPrefix = (videoId: string): string => `media/${videoId}/`;

/** The WebVTT file of a text track that somebody added; it outlives presentations. */
export const trackKey = (videoId: string, trackId: string): string =>
  `media/${videoId}/tracks/${trackId}.vtt`;

/** One attempt's presentation; only that attempt writes there. */
export const presentationPrefix = (videoId: string, presentationId: string): string =>
  `media/${videoId}/${presentationId}/`;

/**
 * Name of a media object relative to its presentation, which tells its type
 * (`src/presentation/media-types.ts`); other keys are returned as they are.
 */
export const mediaName = (key: string): string =>
  /^media\/[^/]+\/[^/]+\/(.+)$/.exec(key)?.[1] ?? key;
