import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { ApiError, sentenceOf } from "../api/problem.ts";
import { Notice } from "./notice.tsx";

/** What a form gives its children: field messages of the last answer. */
type FormState = { readonly busy: boolean; readonly fields: Readonly<Record<string, string>> };

type FormProps = {
  testId: string;
  submit: string;
  danger?: boolean;
  /** Gets the fields' values by name, trimmed except for passwords; what it throws is shown. */
  onSubmit: (values: Readonly<Record<string, string>>) => Promise<void>;
  children: (state: FormState) => ComponentChildren;
};

const NO_FIELDS: Readonly<Record<string, string>> = {};

/** A form that sends once at a time and shows the server's sentence when it refuses. */
export const Form = ({ testId, submit, danger = false, onSubmit, children }: FormProps) => {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const fields = error instanceof ApiError ? error.details.fields : NO_FIELDS;

  const send = async (form: HTMLFormElement): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onSubmit(valuesOf(form));
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      class="stack"
      data-testid={testId}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) {
          void send(event.currentTarget);
        }
      }}
    >
      {error !== null && Object.keys(fields).length === 0 && (
        <Notice tone="bad">{sentenceOf(error)}</Notice>
      )}
      {children({ busy, fields })}
      <button
        type="submit"
        class={`button wide ${danger ? "danger" : "primary"}`}
        aria-busy={busy}
        data-testid="submit"
      >
        {submit}
      </button>
    </form>
  );
};

const valuesOf = (form: HTMLFormElement): Record<string, string> =>
  Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => {
      const text = typeof value === "string" ? value : "";
      return [name, /password/i.test(name) ? text : text.trim()];
    }),
  );
