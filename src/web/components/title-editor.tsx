import { useEffect, useRef, useState } from "preact/hooks";
import type { VideoBody } from "../../http/schemas.ts";
import { sentenceOf } from "../api/problem.ts";
import { api } from "../session.ts";
import { PencilIcon } from "./icons.tsx";
import { PageTitle } from "./page-title.tsx";

type TitleEditorProps = { video: VideoBody; onChange: (video: VideoBody) => void };

/** The title as the page's heading; its owner can change it in place. */
export const TitleEditor = ({ video, onChange }: TitleEditorProps) => {
  const [editing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setEditing(false);
    // Back to where one came from, once the button is there again.
    requestAnimationFrame(() => button.current?.focus());
  };
  if (editing) {
    return <TitleForm video={video} onChange={onChange} onClose={close} />;
  }
  return (
    <div class="title-line">
      <PageTitle>{video.title}</PageTitle>
      {video.mine && (
        <button
          ref={button}
          type="button"
          class="button quiet small icon-only"
          aria-label="Edit title"
          title="Edit title"
          data-testid="edit-title"
          onClick={() => setEditing(true)}
        >
          <PencilIcon size={18} />
        </button>
      )}
    </div>
  );
};

const TitleForm = ({ video, onChange, onClose }: TitleEditorProps & { onClose: () => void }) => {
  const [error, setError] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const save = async (form: HTMLFormElement): Promise<void> => {
    const title = String(new FormData(form).get("title") ?? "").trim();
    try {
      onChange(await api.changeVideo(video.id, { title }));
      onClose();
    } catch (thrown) {
      setError(sentenceOf(thrown));
    }
  };
  return (
    <form
      class="title-form"
      data-testid="title-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          onClose();
        }
      }}
    >
      <input
        class="input"
        name="title"
        aria-label="Title"
        defaultValue={video.title}
        maxLength={200}
        required
        ref={input}
        data-testid="title-input"
      />
      <button type="submit" class="button primary" data-testid="save-title">
        Save
      </button>
      <button type="button" class="button" onClick={onClose}>
        Cancel
      </button>
      {error !== null && (
        <p class="failure small" role="alert">
          {error}
        </p>
      )}
    </form>
  );
};
