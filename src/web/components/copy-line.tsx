import { useId, useRef } from "preact/hooks";
import { toast } from "./toast.tsx";

/** A text to take along, with a button that copies it. */
export const CopyLine = (props: { label: string; text: string; testId: string }) => {
  const { label, text, testId } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      toast("Copied.");
    } catch {
      // Only pages served by https or from this machine may write to the clipboard.
      input.current?.select();
      toast("Press Ctrl+C to copy.");
    }
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="copy-line">
        <input
          ref={input}
          id={id}
          class="input"
          readOnly
          value={text}
          data-testid={testId}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        <button
          type="button"
          class="button"
          data-testid={`${testId}-copy`}
          onClick={() => void copy()}
        >
          Copy
        </button>
      </div>
    </div>
  );
};
