import { useId, useState } from "preact/hooks";
import type { TrackBody } from "../../http/schemas.ts";
import { languageChoices, languageOfFileName } from "../languages.ts";

/** What file pickers offer first; the server decides by content. */
const SUBTITLE_TYPES = ".srt,.vtt,.ass,.ssa,text/vtt,application/x-subrip";

/** What the form says, as the API takes it. */
export type SubtitleValues = {
  readonly language: string;
  readonly label: string | null;
  readonly kind: TrackBody["kind"];
  readonly isDefault: boolean;
  readonly isForced: boolean;
};

/** Reads the fields below out of their form. */
export const subtitleValues = (form: FormData): SubtitleValues => ({
  language: String(form.get("language") ?? "und"),
  label: String(form.get("label") ?? "").trim() || null,
  kind: form.get("kind") === "captions" ? "captions" : "subtitles",
  isDefault: form.has("isDefault"),
  isForced: form.has("isForced"),
});

/** Fields of a subtitle track; without one, those of a new track, with its file. */
export const SubtitleFields = ({ track }: { track: TrackBody | null }) => {
  const id = useId();
  const ours = [navigator.language, ...navigator.languages];
  const [language, setLanguage] = useState(track?.language ?? navigator.language);
  const choices = languageChoices([...ours, language]);
  return (
    <>
      {track === null && (
        <div class="field">
          <label for={`${id}-file`}>File</label>
          <input
            id={`${id}-file`}
            class="input"
            type="file"
            name="file"
            required
            accept={SUBTITLE_TYPES}
            aria-describedby={`${id}-file-hint`}
            data-testid="subtitle-file"
            onChange={({ currentTarget }) => {
              const found = languageOfFileName(currentTarget.files?.[0]?.name ?? "");
              if (found !== null) {
                setLanguage(found);
              }
            }}
          />
          <span class="hint" id={`${id}-file-hint`}>
            SubRip (.srt), WebVTT (.vtt) or SubStation Alpha (.ass), up to 2 MB.
          </span>
        </div>
      )}
      <div class="field">
        <label for={`${id}-language`}>Language</label>
        <select
          id={`${id}-language`}
          class="input"
          name="language"
          value={language}
          data-testid="subtitle-language"
          onChange={({ currentTarget }) => setLanguage(currentTarget.value)}
        >
          {choices.map(({ tag, name }) => (
            <option key={tag} value={tag}>
              {name}
            </option>
          ))}
          <option value="und">Unknown</option>
        </select>
      </div>
      <div class="field">
        <label for={`${id}-label`}>Name in the player (optional)</label>
        <input
          id={`${id}-label`}
          class="input"
          name="label"
          maxLength={100}
          autoComplete="off"
          defaultValue={track?.label ?? ""}
          placeholder="The language's name"
          data-testid="subtitle-label"
        />
      </div>
      <div class="field">
        <label for={`${id}-kind`}>Kind</label>
        <select
          id={`${id}-kind`}
          class="input"
          name="kind"
          defaultValue={track?.kind ?? "subtitles"}
          data-testid="subtitle-kind"
        >
          <option value="subtitles">Subtitles: what is said</option>
          <option value="captions">Captions: what is heard, sounds too</option>
        </select>
      </div>
      <div class="choices">
        <label class="choice">
          <input
            type="checkbox"
            name="isDefault"
            defaultChecked={track?.isDefault ?? false}
            data-testid="subtitle-default"
          />
          <span>
            <strong>Show by default</strong>
            <span class="small soft">Until the viewer chooses otherwise.</span>
          </span>
        </label>
        <label class="choice">
          <input
            type="checkbox"
            name="isForced"
            defaultChecked={track?.isForced ?? false}
            data-testid="subtitle-forced"
          />
          <span>
            <strong>Forced</strong>
            <span class="small soft">
              Only signs and foreign speech, without which the film makes no sense.
            </span>
          </span>
        </label>
      </div>
    </>
  );
};
