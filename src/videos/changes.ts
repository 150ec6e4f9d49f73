import { sql } from "drizzle-orm";
import type { Database, Queries } from "../db/index.ts";
import { VIDEO_CHANNEL } from "./video.ts";

/** Tells everyone who follows the video to look again; in a transaction, when it commits. */
export const publishVideoChange = async (queries: Queries, videoId: string): Promise<void> => {
  await queries.execute(sql`select pg_notify(${VIDEO_CHANNEL}, ${videoId})`);
};

/** The same for many videos in one statement. */
export const publishVideoChanges = async (
  queries: Queries,
  videoIds: readonly string[],
): Promise<void> => {
  const ids = sql.join(
    videoIds.map((id) => sql`${id}::text`),
    sql`, `,
  );
  await queries.execute(
    sql`select pg_notify(${VIDEO_CHANNEL}, id) from unnest(array[${ids}]) as id`,
  );
};

/** Who follows which video, in this process. */
export type VideoChanges = {
  /**
   * Calls `onChange` when the video may have changed, until the returned function is called. A
   * hint only: notifications get lost when a connection breaks, so followers also look by themselves.
   */
  follow(videoId: string, onChange: () => void): () => void;
  close(): Promise<void>;
};

/** One database listener for all followers, opened with the first one. */
export const openVideoChanges = (database: Database): VideoChanges => {
  const followers = new Map<string, Set<() => void>>();
  let listening: Promise<() => Promise<void>> | undefined;
  const listen = () => {
    listening ??= database.listen(VIDEO_CHANNEL, (videoId) => {
      for (const onChange of followers.get(videoId) ?? []) {
        onChange();
      }
    });
    listening.catch(() => {
      // Followers look by themselves meanwhile; the next one to come tries again.
      listening = undefined;
    });
  };
  return {
    follow: (videoId, onChange) => {
      listen();
      const ofVideo = followers.get(videoId) ?? new Set();
      followers.set(videoId, ofVideo.add(onChange));
      return () => {
        ofVideo.delete(onChange);
        if (ofVideo.size === 0 && followers.get(videoId) === ofVideo) {
          followers.delete(videoId);
        }
      };
    },
    close: async () => {
      followers.clear();
      const stop = await listening?.catch(() => undefined);
      listening = undefined;
      await stop?.();
    },
  };
};
