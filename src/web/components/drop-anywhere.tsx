import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { fromDrop } from "../uploads/choose-files.ts";
import { uploads } from "../uploads-in-tab.ts";
import { UploadIcon } from "./icons.tsx";

const hasFiles = (event: DragEvent): boolean =>
  event.dataTransfer?.types.includes("Files") ?? false;

/** Takes files dropped anywhere on the page, and says so while they hover over it. */
export const DropAnywhere = () => {
  const { path, route } = useLocation();
  const [hovering, setHovering] = useState(false);
  useEffect(() => {
    const done = new AbortController();
    const options = { signal: done.signal };
    const over = (event: DragEvent): void => {
      if (hasFiles(event)) {
        event.preventDefault();
        setHovering(true);
      }
    };
    const leave = (event: DragEvent): void => {
      // Null when the pointer left the window and not just one element of it.
      if (event.relatedTarget === null) {
        setHovering(false);
      }
    };
    const drop = async (event: DragEvent): Promise<void> => {
      if (!hasFiles(event) || event.dataTransfer === null) {
        return;
      }
      event.preventDefault();
      setHovering(false);
      uploads.add(await fromDrop(event.dataTransfer));
      if (path !== "/") {
        route("/");
      }
    };
    window.addEventListener("dragenter", over, options);
    window.addEventListener("dragover", over, options);
    window.addEventListener("dragleave", leave, options);
    window.addEventListener("drop", (event) => void drop(event), options);
    return () => done.abort();
  }, [path]);
  return hovering ? (
    <div class="drop-veil" data-testid="drop-veil">
      <div>
        <UploadIcon size={40} />
        <strong>Drop to upload</strong>
      </div>
    </div>
  ) : null;
};
