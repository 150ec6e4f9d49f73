import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { Database } from "../db/index.ts";
import { SluiceError } from "../errors.ts";
import type { Identity } from "../identity/index.ts";
import { retryVideo } from "../videos/retry.ts";
import { findVideo } from "../videos/video.ts";
import { authentication } from "./authentication.ts";
import { describeVideo } from "./describe-video.ts";
import { jsonBodies } from "./json-body.ts";
import type { MediaAddresses } from "./media-address.ts";
import { VideoBody } from "./schemas.ts";

export type VideoRetryContext = {
  readonly identity: Identity;
  readonly database: Database;
  readonly addresses: MediaAddresses;
};

/** `POST /videos/:id/retry`: what failed on our side is tried again from the start. */
export const videoRetryRoutes = ({ identity, database, addresses }: VideoRetryContext) => {
  const { queries } = database;
  return new Elysia({ name: "video-retry", prefix: "/videos", detail: { tags: ["Videos"] } })
    .guard(jsonBodies)
    .use(authentication(identity))
    .post(
      "/:id/retry",
      async ({ params: { id }, principal, set }) => {
        const video = await findVideo(queries, id);
        if (video?.ownerId !== principal.userId || video.status === "deleted") {
          throw new SluiceError("video_not_found");
        }
        await retryVideo(database, id);
        set.status = 202;
        return await describeVideo({ queries, addresses }, id, principal.userId);
      },
      {
        signedIn: true,
        params: Type.Object({ id: Type.String({ format: "uuid" }) }),
        response: { 202: VideoBody },
        detail: {
          summary: "Try a failed video again",
          description:
            "Possible while `failure.retryable` is true; `video_not_retryable` (409) otherwise.",
        },
      },
    );
};
