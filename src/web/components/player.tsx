import { useEffect, useRef, useState } from "preact/hooks";
import { type AttachedPlayer, attachPlayer, type Format } from "../player/attach-player.ts";
import { api } from "../session.ts";
import { Notice } from "./notice.tsx";

type PlayerProps = {
  videoId: string;
  title: string;
  posterUrl: string | null;
  /** null takes what the browser does best. */
  format: Format | null;
  /** Another one loads the presentation again, where it stands: it has changed. */
  version: number;
};

type State = { name: "loading" | "failed" } | { name: "ready"; format: Format };

/** The video with its controls. Make it anew (by key) for another video. */
export const VideoPlayer = ({ videoId, title, posterUrl, format, version }: PlayerProps) => {
  const container = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<State>({ name: "loading" });
  const [tries, setTries] = useState(0);
  const stood = useRef({ seconds: 0, playing: false });

  useEffect(() => {
    if (container.current === null || video.current === null) {
      return;
    }
    let attached: AttachedPlayer | null = null;
    let left = false;
    const fail = (): void => {
      if (!left) {
        setState({ name: "failed" });
      }
    };
    setState({ name: "loading" });
    attachPlayer({
      container: container.current,
      video: video.current,
      playback: () => api.playback(videoId),
      format,
      startSeconds: stood.current.seconds,
      onFailure: fail,
    }).then((player) => {
      attached = player;
      if (left) {
        void player.destroy();
      } else {
        setState({ name: "ready", format: player.format });
        if (stood.current.playing) {
          // Browsers may refuse; then the viewer presses play.
          video.current?.play().catch(() => {});
        }
      }
    }, fail);
    return () => {
      left = true;
      const { currentTime: seconds = 0, paused = true } = video.current ?? {};
      stood.current = { seconds, playing: !paused };
      void attached?.destroy();
    };
  }, [videoId, format, tries, version]);

  return (
    <>
      {state.name === "failed" && (
        <div class="stage-message">
          <Notice tone="bad" testId="player-error">
            The video cannot be played right now.{" "}
            <button type="button" class="button link" onClick={() => setTries(tries + 1)}>
              Try again
            </button>
          </Notice>
        </div>
      )}
      <div
        ref={container}
        class="player"
        data-testid="player"
        data-state={state.name}
        data-format={state.name === "ready" ? state.format : undefined}
        hidden={state.name === "failed"}
      >
        <video
          ref={video}
          playsInline
          preload="auto"
          aria-label={title}
          data-testid="video"
          {...(posterUrl === null ? {} : { poster: posterUrl })}
        />
      </div>
    </>
  );
};
