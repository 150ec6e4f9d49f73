import { useEffect, useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso/router";
import type { VideoBody } from "../../http/schemas.ts";
import { ApiError, sentenceOf } from "../api/problem.ts";
import { DeleteVideo } from "../components/delete-video.tsx";
import { AlertIcon } from "../components/icons.tsx";
import { Notice } from "../components/notice.tsx";
import { VideoPlayer } from "../components/player.tsx";
import { Sharing } from "../components/sharing.tsx";
import { Subtitles } from "../components/subtitles.tsx";
import { TitleEditor } from "../components/title-editor.tsx";
import { Failure } from "../components/video-card.tsx";
import { VideoDetails } from "../components/video-details.tsx";
import { isInWork, WorkProgress } from "../components/video-status.tsx";
import { VisibilityBadge } from "../components/visibility-badge.tsx";
import { formatAge } from "../format.ts";
import { followVideo } from "../live-video.ts";
import type { Format } from "../player/attach-player.ts";
import { api, user } from "../session.ts";
import { NotFoundPage } from "./not-found.tsx";

/** `/watch/:id`; `?format=dash` or `?format=hls` overrules the choice of format. */
export const WatchPage = () => {
  const { params } = useRoute();
  const id = params.id ?? "";
  // Another video is another page: nothing of the one before may stay.
  return <Watch key={id} id={id} />;
};

const Watch = ({ id }: { id: string }) => {
  const { query } = useLocation();
  const { video, setVideo, failure } = useVideo(id);
  const [version, setVersion] = useState(0);
  if (failure instanceof ApiError && (failure.status === 404 || failure.status === 422)) {
    return (
      <NotFoundPage title="Video not found">
        {user.value
          ? "There is no such video, or its owner keeps it private."
          : "There is no such video, or it is private. If it is yours, sign in to see it."}
      </NotFoundPage>
    );
  }
  if (video === null) {
    return (
      <main class="main centred" id="main">
        {failure === null ? (
          <span class="spinner" role="status" aria-label="Loading the video" />
        ) : (
          <Notice tone="bad">{sentenceOf(failure)}</Notice>
        )}
      </main>
    );
  }
  return (
    <main class="main watch" id="main" data-testid="watch" data-status={video.status}>
      <div class="stage">
        {video.playableAt === null ? (
          <Unplayable video={video} onChange={setVideo} />
        ) : (
          <VideoPlayer
            videoId={video.id}
            title={video.title}
            posterUrl={video.posterUrl}
            format={formatOf(query.format)}
            version={version}
          />
        )}
      </div>
      <div class="watch-columns">
        <div class="stack">
          <div class="watch-head">
            <TitleEditor video={video} onChange={setVideo} />
            <p class="small soft video-facts">
              <VisibilityBadge visibility={video.visibility} />
              <time dateTime={video.createdAt}>{formatAge(video.createdAt, Date.now())}</time>
            </p>
          </div>
          {video.mine && <Subtitles video={video} onChange={() => setVersion(version + 1)} />}
          {video.mine && <VideoDetails video={video} />}
        </div>
        {video.mine && (
          <aside class="stack">
            <Sharing video={video} onChange={setVideo} />
            <div>
              <DeleteVideo video={video} />
            </div>
          </aside>
        )}
      </div>
    </main>
  );
};

/** The video, followed live while something is being done about it. */
const useVideo = (id: string) => {
  const [video, setVideo] = useState<VideoBody | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const person = user.value?.id;
  useEffect(() => {
    setFailure(null);
    api.video(id).then(setVideo, setFailure);
  }, [id, person]);
  const live = video !== null && (isInWork(video) || video.status === "uploading");
  useEffect(() => {
    if (!live) {
      return;
    }
    const gone = new ApiError("video_not_found", 404, "The video was deleted.");
    return followVideo(id, { onVideo: setVideo, onGone: () => setFailure(gone) });
  }, [id, live]);
  return { video, setVideo, failure };
};

const formatOf = (value: string | undefined): Format | null =>
  value === "dash" || value === "hls" ? value : null;

type UnplayableProps = { video: VideoBody; onChange: (video: VideoBody) => void };

/** In the player's place until there is something to play. */
const Unplayable = ({ video, onChange }: UnplayableProps) => (
  <div class="stage-message" data-testid="not-playable" aria-live="polite">
    {isInWork(video) ? (
      <>
        <strong>{video.status === "queued" ? "Waiting for its turn" : "Getting it ready"}</strong>
        <WorkProgress video={video} />
        <p class="small soft">It starts to play here as soon as it is ready.</p>
      </>
    ) : video.status === "failed" ? (
      <>
        <AlertIcon size={36} />
        <strong>This video could not be converted</strong>
        <Failure video={video} onChange={onChange} />
      </>
    ) : (
      <>
        <strong>Still being uploaded</strong>
        <p class="small soft">
          {video.mine ? "Go to your videos to see how far it is." : "Come back a little later."}
        </p>
      </>
    )}
  </div>
);
