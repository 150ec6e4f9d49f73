import type { VideoBody } from "../http/schemas.ts";
import { ApiError } from "./api/problem.ts";
import { api, freshen } from "./session.ts";

/** Names of the server's events on `/videos/:id/events`. */
const VIDEO_EVENT = "video";
const GONE_EVENT = "gone";
/** Waits before a lost stream is opened again, ms. */
const REOPEN_MS = [1000, 3000, 10_000] as const;
/** Between looks at a video that has no stream of its own, ms. */
const POLL_MS = 5000;

export type Listener = {
  readonly onVideo: (video: VideoBody) => void;
  /** Deleted, or no longer to be seen. */
  readonly onGone: () => void;
};

/** Follows one video by server-sent events; returns the function that stops. */
export const followVideo = (id: string, { onVideo, onGone }: Listener): (() => void) => {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let losses = 0;

  const open = async (): Promise<void> => {
    await freshen();
    if (stopped) {
      return;
    }
    source = new EventSource(`/videos/${id}/events`);
    source.addEventListener(VIDEO_EVENT, (event) => {
      losses = 0;
      onVideo(JSON.parse(event.data));
    });
    source.addEventListener(GONE_EVENT, () => {
      stop();
      onGone();
    });
    // EventSource never tells why it failed, and gives up for good on any status but 200.
    source.onerror = () => {
      source?.close();
      timer = setTimeout(() => void look(), REOPEN_MS[Math.min(losses, REOPEN_MS.length - 1)]);
      losses += 1;
    };
  };
  const look = async (): Promise<void> => {
    const gone = await lookOnce(id, { onVideo, onGone });
    if (!gone && !stopped) {
      void open();
    }
  };
  const stop = (): void => {
    stopped = true;
    clearTimeout(timer);
    source?.close();
  };
  void open();
  return stop;
};

/** Looks at one video every few seconds; for those that get no stream of their own. */
export const pollVideo = (id: string, listener: Listener): (() => void) => {
  const timer = setInterval(async () => {
    if (await lookOnce(id, listener)) {
      clearInterval(timer);
    }
  }, POLL_MS);
  return () => clearInterval(timer);
};

/** Whether the video is gone. */
const lookOnce = async (id: string, { onVideo, onGone }: Listener): Promise<boolean> => {
  try {
    onVideo(await api.video(id));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      onGone();
      return true;
    }
    // Anything else passes, or ends in the sign-in page by itself.
  }
  return false;
};
