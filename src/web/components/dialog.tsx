import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { sentenceOf } from "../api/problem.ts";
import { Notice } from "./notice.tsx";

type ConfirmDialogProps = {
  title: string;
  confirm: string;
  /** Default: Cancel. */
  keep?: string;
  /** Default true; false for what can be undone. */
  danger?: boolean;
  testId: string;
  /** What it throws is shown, and the dialog stays. */
  onConfirm: (values: FormData) => Promise<void>;
  onClose: () => void;
  children: ComponentChildren;
};

/**
 * Asks before something is done, most often what cannot be undone. Rendering it opens it; the browser's own modal
 * dialog keeps the focus inside and gives it back, and Escape closes it. Cancel is focused first.
 */
export const ConfirmDialog = (props: ConfirmDialogProps) => {
  const { title, confirm, keep = "Cancel", danger = true, testId } = props;
  const { onConfirm, onClose, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => dialog.current?.showModal(), []);

  const run = async (form: HTMLFormElement): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm(new FormData(form));
      dialog.current?.close();
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };

  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} data-testid={testId} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run(event.currentTarget);
        }}
      >
        <h2 id={id}>{title}</h2>
        {error !== null && <Notice tone="bad">{sentenceOf(error)}</Notice>}
        {children}
        <div class="dialog-buttons">
          <button
            type="button"
            class="button"
            data-testid="dialog-cancel"
            onClick={() => dialog.current?.close()}
          >
            {keep}
          </button>
          <button
            type="submit"
            class={`button ${danger ? "danger" : "primary"}`}
            disabled={busy}
            data-testid="dialog-confirm"
          >
            {confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
};
