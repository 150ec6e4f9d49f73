import { signal } from "@preact/signals";
import type { VideoBody } from "../../http/schemas.ts";
import { sentenceOf } from "../api/problem.ts";
import { api } from "../session.ts";

/** The videos of the library as far as they were loaded. Lives as long as the page is shown. */
export const createLibrary = () => {
  const videos = signal<readonly VideoBody[] | null>(null);
  const nextCursor = signal<string | null>(null);
  const error = signal<string | null>(null);
  const loading = signal(false);

  /** Loads the newest again, keeping what was loaded after them. */
  const refresh = async (): Promise<void> => {
    try {
      const page = await api.videos(null);
      const fresh = new Set(page.items.map(({ id }) => id));
      const last = page.items.at(-1);
      const older = (videos.peek() ?? []).filter(
        (video) => last !== undefined && !fresh.has(video.id) && video.id < last.id,
      );
      videos.value = [...page.items, ...older];
      if (older.length === 0) {
        nextCursor.value = page.nextCursor;
      }
      error.value = null;
    } catch (thrown) {
      error.value = sentenceOf(thrown);
    }
  };

  const loadMore = async (): Promise<void> => {
    if (loading.peek() || nextCursor.peek() === null) {
      return;
    }
    loading.value = true;
    try {
      const page = await api.videos(nextCursor.peek());
      videos.value = [...(videos.peek() ?? []), ...page.items];
      nextCursor.value = page.nextCursor;
    } catch (thrown) {
      error.value = sentenceOf(thrown);
    } finally {
      loading.value = false;
    }
  };

  const update = (video: VideoBody): void => {
    videos.value = (videos.peek() ?? []).map((old) => (old.id === video.id ? video : old));
  };
  const remove = (id: string): void => {
    videos.value = (videos.peek() ?? []).filter((video) => video.id !== id);
  };

  return { videos, nextCursor, error, loading, refresh, loadMore, update, remove };
};
