import { and, eq, ne, sql } from "drizzle-orm";
import type { Database } from "../db/index.ts";
import { type Visibility, videos } from "../db/schema.ts";
import { SluiceError } from "../errors.ts";
import { publishVideoChange } from "./changes.ts";
import { cleanTitle } from "./title.ts";
import type { Video } from "./video.ts";

/**
 * Changes what the owner may change.
 * @throws SluiceError `video_not_found`; `validation_failed` when nothing is left of the title
 */
export const changeVideo = async (
  { queries }: Database,
  input: {
    videoId: string;
    ownerId: string;
    title?: string | undefined;
    visibility?: Visibility | undefined;
  },
): Promise<Video> => {
  const title = input.title === undefined ? undefined : cleanTitle(input.title);
  if (title === "") {
    throw new SluiceError("validation_failed", {
      details: { problems: [{ field: "title", message: "A title needs a visible character." }] },
    });
  }
  const [video] = await queries
    .update(videos)
    .set({
      ...(title !== undefined && { title }),
      ...(input.visibility !== undefined && { visibility: input.visibility }),
      updatedAt: sql`now()`,
    })
    .where(
      and(
        eq(videos.id, input.videoId),
        eq(videos.ownerId, input.ownerId),
        ne(videos.status, "deleted"),
      ),
    )
    .returning();
  if (!video) {
    throw new SluiceError("video_not_found");
  }
  await publishVideoChange(queries, video.id);
  return video;
};
