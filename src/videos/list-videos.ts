import { and, desc, eq, isNotNull, lt, ne } from "drizzle-orm";
import type { Queries } from "../db/index.ts";
import { videos } from "../db/schema.ts";
import type { Video } from "./video.ts";

/** `mine`: all of one user's, whatever their state. `public`: everybody's public ones that can be watched. */
export type VideoScope =
  | { readonly kind: "mine"; readonly ownerId: string }
  | { readonly kind: "public" };

/**
 * One page of videos, newest first. Ids sort by the time they were made, so an id is the whole
 * place in the list: nothing is shown twice or left out when videos come and go between two pages.
 * @param options.before the last id of the page before
 */
export const listVideos = async (
  queries: Queries,
  scope: VideoScope,
  options: { limit: number; before: string | null },
): Promise<{ videos: Video[]; lastId: string | null }> => {
  const rows = await queries
    .select()
    .from(videos)
    .where(
      and(
        scope.kind === "mine"
          ? eq(videos.ownerId, scope.ownerId)
          : and(eq(videos.visibility, "public"), isNotNull(videos.playableAt)),
        ne(videos.status, "deleted"),
        options.before === null ? undefined : lt(videos.id, options.before),
      ),
    )
    .orderBy(desc(videos.id))
    // One more than asked for tells whether another page follows.
    .limit(options.limit + 1);
  const page = rows.slice(0, options.limit);
  return { videos: page, lastId: rows.length > options.limit ? (page.at(-1)?.id ?? null) : null };
};
