import { useId } from "preact/hooks";
import type { VideoBody } from "../../http/schemas.ts";
import { api } from "../session.ts";
import { CopyLine } from "./copy-line.tsx";
import { toast, toastError } from "./toast.tsx";
import { visibilityTexts } from "./visibility-badge.tsx";

type SharingProps = { video: VideoBody; onChange: (video: VideoBody) => void };

/** Who can watch, and the link to give them. */
export const Sharing = ({ video, onChange }: SharingProps) => {
  const id = useId();
  const choose = async (visibility: VideoBody["visibility"]): Promise<void> => {
    const before = video;
    onChange({ ...video, visibility });
    try {
      onChange(await api.changeVideo(video.id, { visibility }));
      toast(`Now ${visibilityTexts[visibility].name.toLowerCase()}.`);
    } catch (error) {
      onChange(before);
      toastError(error);
    }
  };
  return (
    <section class="card panel" aria-labelledby={id} data-testid="sharing">
      <h2 id={id}>Who can watch</h2>
      <fieldset class="choices" aria-labelledby={id}>
        {Object.entries(visibilityTexts).map(([value, { name, meaning }]) => (
          <label key={value} class="choice">
            <input
              type="radio"
              name="visibility"
              value={value}
              checked={video.visibility === value}
              data-testid={`visibility-${value}`}
              onChange={() => void choose(value as VideoBody["visibility"])}
            />
            <span>
              <strong>{name}</strong>
              <span class="small soft">{meaning}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {video.visibility === "private" ? (
        <p class="small soft">Choose Unlisted or Public to share it by link.</p>
      ) : (
        <CopyLine
          label="Link to share"
          text={`${location.origin}/watch/${video.id}`}
          testId="share-link"
        />
      )}
    </section>
  );
};
