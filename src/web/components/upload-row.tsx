import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { formatBytes, formatRemaining, formatSpeed } from "../format.ts";
import { bytesPerSecond } from "../uploads/speed.ts";
import { percentSent, type UploadItem } from "../uploads/upload-item.ts";
import { uploads } from "../uploads-in-tab.ts";
import { ConfirmDialog } from "./dialog.tsx";
import { CloseIcon, PauseIcon, PlayIcon, RetryIcon } from "./icons.tsx";
import { ProgressBar } from "./progress-bar.tsx";
import { FileChooser } from "./upload-button.tsx";

/** One upload: its name, how far it is, and what can be done with it. */
export const UploadRow = ({ item }: { item: UploadItem }) => {
  const [asking, setAsking] = useState(false);
  const [wrongFile, setWrongFile] = useState<string | null>(null);
  return (
    <li class="upload" data-testid="upload" data-state={item.state}>
      <div class="upload-head">
        <strong class="upload-name" title={item.fileName}>
          {item.fileName}
        </strong>
        <span class="upload-buttons">
          <Actions item={item} onWrongFile={setWrongFile} />
          {item.state !== "done" && item.state !== "finishing" && (
            <IconButton
              name={`Cancel upload of ${item.fileName}`}
              testId="upload-cancel"
              onClick={() => setAsking(true)}
            >
              <CloseIcon size={18} />
            </IconButton>
          )}
        </span>
      </div>
      <ProgressBar
        label={`Upload of ${item.fileName}`}
        percent={percentSent(item)}
        paused={item.state !== "sending" && item.state !== "finishing"}
      />
      <p class="upload-status small" data-testid="upload-status">
        {item.state === "failed" ? (
          <span class="failure" role="alert">
            {item.error}
          </span>
        ) : (
          <span class="soft">{statusText(item)}</span>
        )}
      </p>
      {wrongFile !== null && item.state === "interrupted" && (
        <p class="failure small" role="alert" data-testid="wrong-file">
          {wrongFile}
        </p>
      )}
      {asking && (
        <ConfirmDialog
          title="Cancel this upload?"
          confirm="Cancel upload"
          keep="Keep it"
          testId="cancel-upload-dialog"
          onConfirm={() => uploads.cancel(item.key)}
          onClose={() => setAsking(false)}
        >
          <p>
            What was sent of <strong>{item.fileName}</strong> is removed from the server.
          </p>
        </ConfirmDialog>
      )}
    </li>
  );
};

type ActionsProps = { item: UploadItem; onWrongFile: (sentence: string | null) => void };

const Actions = ({ item, onWrongFile }: ActionsProps) => {
  switch (item.state) {
    case "waiting":
    case "sending":
      return (
        <IconButton
          name={`Pause upload of ${item.fileName}`}
          testId="upload-pause"
          onClick={() => uploads.pause(item.key)}
        >
          <PauseIcon size={18} />
        </IconButton>
      );
    case "paused":
      return (
        <IconButton
          name={`Resume upload of ${item.fileName}`}
          testId="upload-resume"
          onClick={() => uploads.resume(item.key)}
        >
          <PlayIcon size={18} />
        </IconButton>
      );
    case "failed":
      return (
        <IconButton
          name={`Try upload of ${item.fileName} again`}
          testId="upload-retry"
          onClick={() => uploads.resume(item.key)}
        >
          <RetryIcon size={18} />
        </IconButton>
      );
    case "interrupted":
      return <GoOn item={item} onWrongFile={onWrongFile} />;
    default:
      return null;
  }
};

/** For uploads of an earlier visit: with the browser's memory of the file, or the file chosen again. */
const GoOn = ({ item, onWrongFile }: ActionsProps) => {
  const [forgotten, setForgotten] = useState(!item.reopenable);
  if (!forgotten) {
    return (
      <button
        type="button"
        class="button small"
        data-testid="upload-reopen"
        onClick={() =>
          void uploads.reopen(item.key, true).then((reopened) => setForgotten(!reopened))
        }
      >
        Continue
      </button>
    );
  }
  return (
    <FileChooser
      label="Choose the file"
      class="small"
      multiple={false}
      testId="upload-continue"
      onChosen={([chosen]) => {
        const same = chosen === undefined || uploads.continueWith(item.key, chosen);
        onWrongFile(
          same
            ? null
            : `That is another file. Choose ${item.fileName} with ${formatBytes(item.sizeBytes)}.`,
        );
      }}
    />
  );
};

type IconButtonProps = {
  name: string;
  testId: string;
  onClick: () => void;
  children: ComponentChildren;
};

const IconButton = ({ name, testId, onClick, children }: IconButtonProps) => (
  <button
    type="button"
    class="button quiet small icon-only"
    aria-label={name}
    title={name}
    data-testid={testId}
    onClick={onClick}
  >
    {children}
  </button>
);

const statusText = (item: UploadItem): string => {
  const part = `${percentSent(item)} % · ${formatBytes(item.sentBytes)} of ${formatBytes(item.sizeBytes)}`;
  switch (item.state) {
    case "waiting":
      return `Waiting to start · ${formatBytes(item.sizeBytes)}`;
    case "sending":
      return `${part}${speedText(item)}`;
    case "finishing":
      return "Checking that everything has arrived…";
    case "paused":
      return `Paused · ${part}`;
    case "interrupted":
      return `Interrupted · ${part}. Choose the same file to go on.`;
    default:
      return `Uploaded · ${formatBytes(item.sizeBytes)}`;
  }
};

const speedText = ({ meter, sizeBytes, sentBytes }: UploadItem): string => {
  const speed = bytesPerSecond(meter);
  return speed === null || speed === 0
    ? ""
    : ` · ${formatSpeed(speed)} · ${formatRemaining((sizeBytes - sentBytes) / speed)} left`;
};
