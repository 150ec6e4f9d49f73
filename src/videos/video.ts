import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Queries } from "../db/index.ts";
import { type VideoStatus, type Visibility, videos } from "../db/schema.ts";

/**
 * What can happen to a video, from which states, and where it leads:
 *
 *     uploading ──uploaded──▶ queued ──started──▶ processing ──succeeded──▶ ready
 *                               ▲ └──────────┬────────┘ │                     ▲
 *                               │          failed       └─────────────────────┤
 *                               │            ▼                                │
 *                               └─retried─ failed ──────────succeeded─────────┘
 *
 * - `succeeded` also applies to `queued` and `failed`: a result whose reports came late or out of
 *   order wins over a failure that was only assumed.
 * - `failed` never applies to `ready`.
 * - `retried` alone leads back; whether a retry makes sense is its caller's extra condition.
 * - `deleted` applies to everything and is final: the row stays as a tombstone, so that late
 *   events raise nothing from the dead.
 */
export const videoTransitions = {
  uploaded: { from: ["uploading"], to: "queued" },
  started: { from: ["queued"], to: "processing" },
  succeeded: { from: ["queued", "processing", "failed"], to: "ready" },
  failed: { from: ["queued", "processing"], to: "failed" },
  retried: { from: ["failed"], to: "queued" },
  deleted: { from: ["uploading", "queued", "processing", "ready", "failed"], to: "deleted" },
} as const satisfies Record<string, { from: readonly VideoStatus[]; to: VideoStatus }>;

export type VideoTransition = keyof typeof videoTransitions;
export type Video = typeof videos.$inferSelect;
/** Columns that may change together with the state. */
export type VideoChanges = Partial<
  Omit<typeof videos.$inferInsert, "id" | "ownerId" | "status" | "createdAt" | "updatedAt">
>;

/**
 * Moves a video on, if its state allows it; state check and change are one statement, so that of
 * two at once one wins.
 * @param input.set columns to change with it
 * @param input.onlyIf a further condition on the row, for example that the failure is retryable
 * @returns the row after the change, or null when the state (or `onlyIf`) did not allow it
 */
export const transitionVideo = async (
  queries: Queries,
  input: {
    videoId: string;
    transition: VideoTransition;
    set?: VideoChanges;
    onlyIf?: SQL | undefined;
  },
): Promise<Video | null> => {
  const { from, to } = videoTransitions[input.transition];
  const [changed] = await queries
    .update(videos)
    .set({ ...input.set, status: to, updatedAt: sql`now()` })
    .where(and(eq(videos.id, input.videoId), inArray(videos.status, [...from]), input.onlyIf))
    .returning();
  return changed ?? null;
};

/** Moves many videos on, each if its state allows it. */
export const transitionVideos = async (
  queries: Queries,
  { videoIds, transition }: { videoIds: readonly string[]; transition: VideoTransition },
): Promise<void> => {
  const { from, to } = videoTransitions[transition];
  await queries
    .update(videos)
    .set({ status: to, updatedAt: sql`now()` })
    .where(and(inArray(videos.id, [...videoIds]), inArray(videos.status, [...from])));
};

/** Channel on which changed videos are announced, state or progress; the payload is the video's id. */
export const VIDEO_CHANNEL = "video_changed";

/**
 * Who may see a video by its id: its owner always; anyone, signed in or not, when it is unlisted
 * or public. Nobody sees a deleted one. Administrators get no exception.
 */
export const maySeeVideo = (
  video: { ownerId: string; visibility: Visibility; status: VideoStatus },
  viewerId: string | null,
): boolean =>
  video.status !== "deleted" && (video.ownerId === viewerId || video.visibility !== "private");

/** The row, or null; deleted ones included. */
export const findVideo = async (queries: Queries, videoId: string): Promise<Video | null> => {
  const [video] = await queries.select().from(videos).where(eq(videos.id, videoId));
  return video ?? null;
};
