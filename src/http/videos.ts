import { Type } from "@sinclair/typebox";
import { Elysia, t } from "elysia";
import { SluiceError } from "../errors.ts";
import type { Identity } from "../identity/index.ts";
import type { Keys } from "../keys.ts";
import { masterPlaylistName, mpdName } from "../presentation/names.ts";
import { changeVideo } from "../videos/change-video.ts";
import { type DeletionContext, deleteVideo } from "../videos/delete-video.ts";
import { listVideos } from "../videos/list-videos.ts";
import { findThumbnailIndex } from "../videos/thumbnail-index.ts";
import { findVideo, maySeeVideo, type Video } from "../videos/video.ts";
import { authentication } from "./authentication.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import { jsonBodies } from "./json-body.ts";
import type { MediaAddresses } from "./media-address.ts";
import { setMediaCookies } from "./media-cookies.ts";
import { PlaybackBody, VideoBody, VideoChange, VideoPage } from "./schemas.ts";
import { posterUrl, videoBodies, videoBody } from "./video-body.ts";

export type VideoRoutesContext = DeletionContext & {
  readonly identity: Identity;
  readonly keys: Keys;
  readonly addresses: MediaAddresses;
};

const params = Type.Object({ id: Type.String({ format: "uuid" }) });
const ListQuery = Type.Object({
  scope: Type.Optional(
    Type.Union([Type.Literal("mine"), Type.Literal("public")], {
      default: "mine",
      description: "`mine`: all of yours. `public`: everybody's public videos that can be watched.",
    }),
  ),
  // Elysia's own: it reads the number out of the text that a query is.
  limit: Type.Optional(t.Numeric({ minimum: 1, maximum: 100, multipleOf: 1, default: 20 })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
});

/** Videos: list, look, rename, share, delete, play. */
export const videoRoutes = (context: VideoRoutesContext) => {
  const { database, identity, keys, addresses, storage } = context;
  const { queries } = database;
  const bodies = { queries, addresses };
  const visibleVideo = async (videoId: string, viewerId: string | null): Promise<Video> => {
    const video = await findVideo(queries, videoId);
    if (!video || !maySeeVideo(video, viewerId)) {
      throw new SluiceError("video_not_found");
    }
    return video;
  };
  return new Elysia({ name: "videos", prefix: "/videos", detail: { tags: ["Videos"] } })
    .guard(jsonBodies)
    .use(authentication(identity))
    .get(
      "/",
      async ({ query: { scope = "mine", limit = 20, cursor }, principal }) => {
        if (scope === "mine" && principal === null) {
          throw new SluiceError("not_signed_in");
        }
        const list = scope === "mine" && principal ? `mine:${principal.userId}` : "public";
        const { videos, lastId } = await listVideos(
          queries,
          scope === "mine" && principal
            ? { kind: "mine", ownerId: principal.userId }
            : { kind: "public" },
          { limit, before: cursor ? openCursor(keys("cursor"), list, cursor) : null },
        );
        return {
          items: await videoBodies(bodies, videos, principal?.userId ?? null),
          nextCursor: lastId && sealCursor(keys("cursor"), list, lastId),
        };
      },
      {
        signedInOptional: true,
        query: ListQuery,
        response: { 200: VideoPage },
        detail: { summary: "List videos", description: "Newest first, page by page." },
      },
    )
    .get(
      "/:id",
      async ({ params: { id }, principal }) => {
        const viewerId = principal?.userId ?? null;
        return await videoBody(bodies, await visibleVideo(id, viewerId), viewerId);
      },
      {
        signedInOptional: true,
        params,
        response: { 200: VideoBody },
        detail: {
          summary: "One video",
          description:
            "With status and progress. Private ones for their owner, others for anyone who has the id.",
        },
      },
    )
    .patch(
      "/:id",
      async ({ params: { id }, body, principal: { userId } }) => {
        const video = await changeVideo(database, { videoId: id, ownerId: userId, ...body });
        return await videoBody(bodies, video, userId);
      },
      {
        signedIn: true,
        params,
        body: VideoChange,
        response: { 200: VideoBody },
        detail: { summary: "Change title or visibility" },
      },
    )
    .delete(
      "/:id",
      async ({ params: { id }, principal: { userId }, set }) => {
        await deleteVideo(context, { videoId: id, ownerId: userId });
        set.status = 204;
      },
      {
        signedIn: true,
        params,
        response: { 204: Type.Void({ description: "Done." }) },
        detail: {
          summary: "Delete a video",
          description: "For good: stops the work on it and removes every file.",
        },
      },
    )
    .get(
      "/:id/playback",
      async ({ params: { id }, principal, cookie }) => {
        const video = await visibleVideo(id, principal?.userId ?? null);
        if (video.presentationId === null || video.playableAt === null) {
          throw new SluiceError("video_not_playable");
        }
        const presentation = { videoId: video.id, presentationId: video.presentationId };
        const { url, expiresAt, credentials } = addresses.sign(presentation);
        if (credentials !== null) {
          setMediaCookies(cookie, credentials, expiresAt);
        }
        const thumbnails = await findThumbnailIndex(storage, presentation);
        return {
          dashUrl: `${url}/${mpdName}`,
          hlsUrl: `${url}/${masterPlaylistName}`,
          posterUrl: posterUrl(addresses, video),
          thumbnailsUrl: thumbnails && `${url}/${thumbnails}`,
          expiresAt: expiresAt.toISOString(),
          credentials: credentials && { cookies: credentials.cookies, query: credentials.query },
        };
      },
      {
        signedInOptional: true,
        params,
        response: { 200: PlaybackBody },
        detail: {
          summary: "Addresses for a player",
          description:
            "Signed, for DASH and HLS; ask again when they have expired. With `credentials`, browsers get them as cookies and send requests for media with them; other clients send each request with the cookies, or with the query behind its address.",
        },
      },
    );
};
