import { useRef } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { type ChosenFile, fromList, pickWithHandles } from "../uploads/choose-files.ts";
import { uploads } from "../uploads-in-tab.ts";
import { UploadIcon } from "./icons.tsx";

/** What file pickers offer first; the server decides by content. */
export const VIDEO_TYPES = "video/*,.mkv,.mp4,.mov,.webm,.m4v,.avi,.ts";

type FileChooserProps = {
  label: string;
  class?: string;
  multiple: boolean;
  testId: string;
  icon?: boolean;
  onChosen: (files: readonly ChosenFile[]) => void;
};

/** A button that opens the file picker: the one with handles where the browser has it, else a plain one. */
export const FileChooser = (props: FileChooserProps) => {
  const input = useRef<HTMLInputElement>(null);
  const choose = async (): Promise<void> => {
    const picked = await pickWithHandles(props.multiple);
    if (picked === null) {
      input.current?.click();
    } else if (picked.length > 0) {
      props.onChosen(picked);
    }
  };
  return (
    <>
      <button
        type="button"
        class={`button ${props.class ?? ""}`}
        data-testid={`${props.testId}-button`}
        onClick={() => void choose()}
      >
        {props.icon && <UploadIcon />}
        {props.label}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={VIDEO_TYPES}
        multiple={props.multiple}
        data-testid={`${props.testId}-input`}
        onChange={({ currentTarget }) => {
          props.onChosen(fromList(currentTarget.files ?? []));
          // The same file may be chosen again.
          currentTarget.value = "";
        }}
      />
    </>
  );
};

/** Starts uploads; leads to the library, where they are shown. */
export const UploadButton = ({ large = false }: { large?: boolean }) => {
  const { path, route } = useLocation();
  return (
    <FileChooser
      label={large ? "Choose videos" : "Upload"}
      class="primary"
      icon
      multiple
      testId={large ? "choose" : "upload"}
      onChosen={(files) => {
        uploads.add(files);
        if (path !== "/") {
          route("/");
        }
      }}
    />
  );
};
