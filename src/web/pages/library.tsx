import { useComputed, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { FilmIcon } from "../components/icons.tsx";
import { Notice } from "../components/notice.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { UploadButton } from "../components/upload-button.tsx";
import { UploadRow } from "../components/upload-row.tsx";
import { VideoCard } from "../components/video-card.tsx";
import { isInWork } from "../components/video-status.tsx";
import { formatBytes } from "../format.ts";
import { followVideo, pollVideo } from "../live-video.ts";
import { config } from "../session.ts";
import { uploads } from "../uploads-in-tab.ts";
import { createLibrary } from "./library-store.ts";

/** Browsers open six connections to a host over HTTP/1.1, for all tabs: three send parts, one is for requests. */
const STREAMS = 2;

/** `/`: uploads under way on top, then the videos, newest first. */
export const LibraryPage = () => {
  const library = useMemo(createLibrary, []);
  const inWork = useComputed(() =>
    (library.videos.value ?? [])
      .filter(isInWork)
      .map(({ id }) => id)
      .reverse()
      .join(),
  );
  useEffect(() => void uploads.loadUnfinished().catch(() => undefined), []);
  useSignalEffect(() => {
    // Read, so that each completed upload makes its video appear.
    void uploads.completions.value;
    void library.refresh();
  });
  useSignalEffect(() => {
    const ids = inWork.value === "" ? [] : inWork.value.split(",");
    const stops = ids.map((id, index) =>
      (index < STREAMS ? followVideo : pollVideo)(id, {
        onVideo: library.update,
        onGone: () => library.remove(id),
      }),
    );
    return () => stops.forEach((stop) => void stop());
  });

  const videos = library.videos.value?.filter(({ status }) => status !== "uploading") ?? null;
  const sending = uploads.items.value.filter(
    (item) => item.state !== "done" || !videos?.some(({ id }) => id === item.videoId),
  );
  return (
    <main class="main" id="main">
      <PageTitle>Your videos</PageTitle>
      {library.error.value !== null && <Notice tone="bad">{library.error.value}</Notice>}
      {sending.length > 0 && (
        <section aria-label="Uploads">
          <ul class="uploads card" data-testid="uploads">
            {sending.map((item) => (
              <UploadRow key={item.key} item={item} />
            ))}
          </ul>
        </section>
      )}
      {videos === null ? (
        library.error.value === null && <Loading />
      ) : videos.length === 0 && sending.length === 0 ? (
        <Empty />
      ) : (
        <ul class="video-grid" data-testid="videos">
          {videos.map((video) => (
            <VideoCard key={video.id} video={video} onChange={library.update} />
          ))}
        </ul>
      )}
      {library.nextCursor.value !== null && (
        <p class="more">
          <button
            type="button"
            class="button"
            disabled={library.loading.value}
            data-testid="load-more"
            onClick={() => void library.loadMore()}
          >
            Show more
          </button>
        </p>
      )}
    </main>
  );
};

const Loading = () => (
  <div class="centred">
    <span class="spinner" role="status" aria-label="Loading your videos" />
  </div>
);

const Empty = () => (
  <div class="empty" data-testid="empty-library">
    <span class="empty-mark">
      <FilmIcon size={40} />
    </span>
    <h2>No videos yet</h2>
    <p class="soft">
      Drop a video anywhere on this page, or choose one
      {config.value ? ` of up to ${formatBytes(config.value.maxUploadBytes)}` : ""}. You can watch
      it a little later, on any screen.
    </p>
    <UploadButton large />
  </div>
);
