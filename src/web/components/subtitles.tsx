import { useEffect, useId, useState } from "preact/hooks";
import type { TrackBody, VideoBody } from "../../http/schemas.ts";
import { sentenceOf } from "../api/problem.ts";
import { languageName } from "../languages.ts";
import { api } from "../session.ts";
import { ConfirmDialog } from "./dialog.tsx";
import { PencilIcon, PlusIcon, TrashIcon } from "./icons.tsx";
import { Notice } from "./notice.tsx";
import { SubtitleFields, subtitleValues } from "./subtitle-fields.tsx";
import { toast } from "./toast.tsx";

type SubtitlesProps = {
  video: VideoBody;
  /** The presentation offers other subtitles now. */
  onChange: () => void;
};

type Open =
  | { readonly name: "add" }
  | { readonly name: "edit" | "delete"; readonly track: TrackBody };

/** Subtitles of a video for its owner: those of the file, and files to add, change and delete. */
export const Subtitles = ({ video, onChange }: SubtitlesProps) => {
  const id = useId();
  const [tracks, setTracks] = useState<readonly TrackBody[] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [open, setOpen] = useState<Open | null>(null);
  const load = (): Promise<void> =>
    api.tracks(video.id).then(({ items }) => {
      setTracks(items);
      setFailure(null);
    }, setFailure);
  // What the file holds is known once it is converted.
  useEffect(() => void load(), [video.id, video.status]);
  const changed = async (sentence: string): Promise<void> => {
    toast(sentence);
    await load();
    onChange();
  };
  return (
    <section class="card panel" aria-labelledby={id} data-testid="subtitles">
      <div class="between">
        <h2 id={id}>Subtitles</h2>
        <button
          type="button"
          class="button small"
          data-testid="add-subtitles"
          onClick={() => setOpen({ name: "add" })}
        >
          <PlusIcon size={16} /> Add
        </button>
      </div>
      {failure !== null && <Notice tone="bad">{sentenceOf(failure)}</Notice>}
      {tracks?.length === 0 && (
        <p class="small soft" data-testid="no-subtitles">
          There are none yet. They can be added at any time, also while the video is converted.
        </p>
      )}
      {tracks !== null && tracks.length > 0 && (
        <ul class="rows subtitle-rows">
          {tracks.map((track) => (
            <TrackRow key={track.id} track={track} onOpen={setOpen} />
          ))}
        </ul>
      )}
      {open !== null && (
        <SubtitleDialog
          videoId={video.id}
          open={open}
          onDone={changed}
          onClose={() => setOpen(null)}
        />
      )}
    </section>
  );
};

const TrackRow = ({ track, onOpen }: { track: TrackBody; onOpen: (open: Open) => void }) => (
  <li data-testid="subtitle-track" data-track-id={track.id}>
    <div>
      <strong class="subtitle-name">{track.name}</strong>
      <p class="small soft">{factsOf(track).join(" · ")}</p>
    </div>
    {track.origin === "added" && (
      <div class="subtitle-buttons">
        <button
          type="button"
          class="button small quiet icon-only"
          aria-label={`Change ${track.name}`}
          data-testid="edit-subtitles"
          onClick={() => onOpen({ name: "edit", track })}
        >
          <PencilIcon size={18} />
        </button>
        <button
          type="button"
          class="button small quiet icon-only"
          aria-label={`Delete ${track.name}`}
          data-testid="delete-subtitles"
          onClick={() => onOpen({ name: "delete", track })}
        >
          <TrashIcon size={18} />
        </button>
      </div>
    )}
  </li>
);

const factsOf = (track: TrackBody): string[] => [
  ...(track.label === null ? [] : [languageName(track.language)]),
  track.kind === "captions" ? "captions" : "subtitles",
  ...(track.isDefault ? ["shown by default"] : []),
  ...(track.isForced ? ["forced"] : []),
  track.origin === "source"
    ? "in the video's file"
    : `${track.cueCount ?? 0} ${track.cueCount === 1 ? "line" : "lines"}`,
];

type SubtitleDialogProps = {
  videoId: string;
  open: Open;
  onDone: (sentence: string) => Promise<void>;
  onClose: () => void;
};

const SubtitleDialog = ({ videoId, open, onDone, onClose }: SubtitleDialogProps) => {
  if (open.name === "delete") {
    const { track } = open;
    return (
      <ConfirmDialog
        title="Delete these subtitles?"
        confirm="Delete"
        testId="delete-subtitles-dialog"
        onConfirm={async () => {
          await api.deleteTrack(videoId, track.id);
          await onDone("Subtitles deleted.");
        }}
        onClose={onClose}
      >
        <p>
          <strong>{track.name}</strong> can no longer be chosen. The file on your computer stays.
        </p>
      </ConfirmDialog>
    );
  }
  const track = open.name === "edit" ? open.track : null;
  return (
    <ConfirmDialog
      title={track === null ? "Add subtitles" : "Change subtitles"}
      confirm={track === null ? "Add" : "Save"}
      danger={false}
      testId="subtitles-dialog"
      onConfirm={async (form) => {
        const values = subtitleValues(form);
        if (track === null) {
          await api.addTrack(videoId, form.get("file") as File, values);
          await onDone("Subtitles added.");
        } else {
          await api.changeTrack(videoId, track.id, values);
          await onDone("Saved.");
        }
      }}
      onClose={onClose}
    >
      <SubtitleFields track={track} />
    </ConfirmDialog>
  );
};
