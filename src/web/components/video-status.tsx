import type { VideoBody } from "../../http/schemas.ts";
import { formatRemaining } from "../format.ts";
import { ProgressBar } from "./progress-bar.tsx";

/** Whether something is being done on the server, so that following it is worth a connection. */
export const isInWork = ({ status }: VideoBody): boolean =>
  status === "queued" || status === "processing";

/** How the work on a video goes, in words. */
export const workText = ({ status, progress }: VideoBody): string => {
  const position = progress?.queuePosition;
  if (status === "queued" || (position !== null && position !== undefined)) {
    const ahead = position ?? 0;
    return ahead === 0
      ? "Next in line"
      : `Waiting · ${ahead} ${ahead === 1 ? "video" : "videos"} ahead`;
  }
  const percent = Math.floor(progress?.percent ?? 0);
  const eta = progress?.etaSeconds ?? null;
  const again = (progress?.attempt ?? 1) > 1 ? ` · try ${progress?.attempt}` : "";
  return `Converting · ${percent} %${eta === null ? "" : ` · ${formatRemaining(eta)} left`}${again}`;
};

/** The bar and the words of a video in work. */
export const WorkProgress = ({ video }: { video: VideoBody }) => (
  <div class="work" data-testid="work">
    <ProgressBar
      label={`Conversion of ${video.title}`}
      percent={video.status === "processing" ? (video.progress?.percent ?? 0) : null}
    />
    <p class="small soft" data-testid="work-text">
      {workText(video)}
    </p>
  </div>
);
