import { and, eq, inArray } from "drizzle-orm";
import type { Queries } from "../db/index.ts";
import { uploads } from "../db/schema.ts";
import { posterName } from "../presentation/names.ts";
import { type JobProgress, readProgress } from "../videos/progress.ts";
import type { Video } from "../videos/video.ts";
import type { MediaAddresses } from "./media-address.ts";
import type { VideoBody } from "./schemas.ts";

export type VideoBodyContext = {
  readonly queries: Queries;
  readonly addresses: MediaAddresses;
};

/** Before its job exists, or between two of its rows: nothing is known but that it will be done. */
const NOT_STARTED: JobProgress = {
  percent: 0,
  etaSeconds: null,
  speed: null,
  queuePosition: null,
  attempt: 0,
};

/**
 * Videos as the API shows them to `viewerId` (null: somebody who is not signed in). Whether they
 * may see them was decided before; what is the owner's business alone is left out for others.
 */
export const videoBodies = async (
  { queries, addresses }: VideoBodyContext,
  videos: readonly Video[],
  viewerId: string | null,
): Promise<VideoBody[]> => {
  const inWork = videos.filter(({ status }) => status === "queued" || status === "processing");
  const progress = await readProgress(
    queries,
    inWork.map(({ id }) => id),
  );
  const uploading = videos.filter(
    ({ status, ownerId }) => status === "uploading" && ownerId === viewerId,
  );
  const uploadIds = await openUploadIds(
    queries,
    uploading.map(({ id }) => id),
  );
  return videos.map((video) => {
    const mine = video.ownerId === viewerId;
    return {
      id: video.id,
      title: video.title,
      visibility: video.visibility,
      status: video.status,
      mine,
      sourceBytes: video.sourceBytes,
      durationSeconds: video.durationSeconds,
      width: video.width,
      height: video.height,
      frameRate: video.frameRate,
      renditions: video.renditions,
      sound: video.sound,
      warnings: mine ? video.warnings : [],
      progress: inWork.includes(video) ? (progress.get(video.id) ?? NOT_STARTED) : null,
      failure: mine ? failureOf(video) : null,
      posterUrl: posterUrl(addresses, video),
      uploadId: uploadIds.get(video.id) ?? null,
      createdAt: video.createdAt.toISOString(),
      playableAt: video.playableAt?.toISOString() ?? null,
      readyAt: video.readyAt?.toISOString() ?? null,
    };
  });
};

/** One video; see `videoBodies`. */
export const videoBody = async (
  context: VideoBodyContext,
  video: Video,
  viewerId: string | null,
): Promise<VideoBody> => {
  const [body] = await videoBodies(context, [video], viewerId);
  if (!body) {
    throw new Error("one video in, one body out");
  }
  return body;
};

/** null until there is a poster. */
export const posterUrl = (addresses: MediaAddresses, video: Video): string | null =>
  video.hasPoster && video.presentationId !== null
    ? addresses.fileUrl({ videoId: video.id, presentationId: video.presentationId }, posterName)
    : null;

const failureOf = (video: Video): VideoBody["failure"] =>
  video.status === "failed"
    ? {
        code: video.failureCode ?? "internal",
        message: video.failureMessage ?? "",
        retryable: video.failureRetryable ?? false,
      }
    : null;

const openUploadIds = async (
  queries: Queries,
  videoIds: readonly string[],
): Promise<Map<string, string>> => {
  if (videoIds.length === 0) {
    return new Map();
  }
  const open = await queries
    .select({ id: uploads.id, videoId: uploads.videoId })
    .from(uploads)
    .where(and(inArray(uploads.videoId, [...videoIds]), eq(uploads.status, "open")));
  return new Map(open.map(({ id, videoId }) => [videoId, id]));
};
