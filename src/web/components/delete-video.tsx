import { useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import type { VideoBody } from "../../http/schemas.ts";
import { api } from "../session.ts";
import { ConfirmDialog } from "./dialog.tsx";
import { TrashIcon } from "./icons.tsx";
import { toast } from "./toast.tsx";
import { isInWork } from "./video-status.tsx";

/** Deletes a video after asking, and leads back to the library. */
export const DeleteVideo = ({ video }: { video: VideoBody }) => {
  const { route } = useLocation();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button
        type="button"
        class="button"
        data-testid="delete-video"
        onClick={() => setAsking(true)}
      >
        <TrashIcon size={18} /> Delete
      </button>
      {asking && (
        <ConfirmDialog
          title="Delete this video?"
          confirm="Delete for good"
          testId="delete-dialog"
          onConfirm={async () => {
            await api.deleteVideo(video.id);
            toast("Deleted.");
            route("/");
          }}
          onClose={() => setAsking(false)}
        >
          <p>
            <strong>{video.title}</strong> and everything made of it is removed
            {isInWork(video) ? ", and its conversion is stopped" : ""}. This cannot be undone.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
};
