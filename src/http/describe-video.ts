import { SluiceError } from "../errors.ts";
import { findVideo, maySeeVideo } from "../videos/video.ts";
import type { VideoBody } from "./schemas.ts";
import { type VideoBodyContext, videoBody } from "./video-body.ts";

/**
 * The video by its id, as `viewerId` sees it (null: somebody who is not signed in).
 * @throws SluiceError `video_not_found`, also when there is one that they may not see
 */
export const describeVideo = async (
  context: VideoBodyContext,
  videoId: string,
  viewerId: string | null,
): Promise<VideoBody> => {
  const video = await findVideo(context.queries, videoId);
  if (!video || !maySeeVideo(video, viewerId)) {
    throw new SluiceError("video_not_found");
  }
  return await videoBody(context, video, viewerId);
};
