import { thumbnailIndexName, thumbnailsPath } from "../presentation/names.ts";
import type { Storage } from "../storage/index.ts";
import { presentationPrefix } from "../storage/keys.ts";

/**
 * Name of the WebVTT index of thumbnails, relative to the presentation; null where there is none: in
 * presentations of sound alone, and in those made before there were thumbnails.
 */
export const findThumbnailIndex = async (
  storage: Storage,
  { videoId, presentationId }: { videoId: string; presentationId: string },
): Promise<string | null> => {
  const name = `${thumbnailsPath}/${thumbnailIndexName}`;
  const found = await storage.head(
    "media",
    `${presentationPrefix(videoId, presentationId)}${name}`,
  );
  return found === null ? null : name;
};
