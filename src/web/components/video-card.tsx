import { useState } from "preact/hooks";
import type { VideoBody } from "../../http/schemas.ts";
import { formatAge, formatDuration } from "../format.ts";
import { api } from "../session.ts";
import { AlertIcon, FilmIcon, RetryIcon } from "./icons.tsx";
import { WarningSign } from "./source-warnings.tsx";
import { toastError } from "./toast.tsx";
import { isInWork, WorkProgress } from "./video-status.tsx";
import { VisibilityBadge } from "./visibility-badge.tsx";

type VideoCardProps = { video: VideoBody; onChange: (video: VideoBody) => void };

/** One video of the library. */
export const VideoCard = ({ video, onChange }: VideoCardProps) => (
  <li
    class="video-card"
    data-testid="video-card"
    data-status={video.status}
    data-video-id={video.id}
  >
    <div class="poster">
      <Poster video={video} />
      {video.durationSeconds !== null && (
        <span class="duration">{formatDuration(video.durationSeconds)}</span>
      )}
    </div>
    <div class="video-card-text">
      <h2>
        <a href={`/watch/${video.id}`} data-testid="video-title">
          {video.title}
        </a>
      </h2>
      {isInWork(video) ? (
        <WorkProgress video={video} />
      ) : video.status === "failed" ? (
        <Failure video={video} onChange={onChange} />
      ) : (
        <p class="small soft video-facts">
          <VisibilityBadge visibility={video.visibility} />
          <WarningSign warnings={video.warnings} />
          <time dateTime={video.createdAt}>{formatAge(video.createdAt, Date.now())}</time>
        </p>
      )}
    </div>
  </li>
);

const Poster = ({ video }: { video: VideoBody }) => {
  const [broken, setBroken] = useState(false);
  if (video.posterUrl !== null && !broken) {
    return <img src={video.posterUrl} alt="" loading="lazy" onError={() => setBroken(true)} />;
  }
  return (
    <span class="poster-blank">
      {video.status === "failed" ? <AlertIcon size={36} /> : <FilmIcon size={36} />}
    </span>
  );
};

/** Why it failed, and the way out where there is one. */
export const Failure = ({ video, onChange }: VideoCardProps) => {
  const [busy, setBusy] = useState(false);
  const retry = async (): Promise<void> => {
    setBusy(true);
    try {
      onChange(await api.retryVideo(video.id));
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="video-failure" data-testid="video-failure">
      <p class="small failure">{video.failure?.message ?? "This video could not be converted."}</p>
      {video.mine && video.failure?.retryable && (
        <button
          type="button"
          class="button small"
          disabled={busy}
          data-testid="retry"
          onClick={() => void retry()}
        >
          <RetryIcon size={16} /> Retry
        </button>
      )}
    </div>
  );
};
