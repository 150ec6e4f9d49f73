import type { ComponentChildren, TargetedEvent } from "preact";
import { useId, useState } from "preact/hooks";

/** What our text fields take of an input's attributes. */
type InputAttributes = {
  class?: string;
  type?: "text" | "email";
  inputMode?: "numeric";
  autoComplete?: string;
  autoFocus?: boolean;
  defaultValue?: string;
  pattern?: string;
  placeholder?: string;
  minLength?: number;
  maxLength?: number;
  title?: string;
  required?: boolean;
  onInput?: (event: TargetedEvent<HTMLInputElement>) => void;
};

type FieldProps = InputAttributes & {
  label: string;
  /** The form's name for it; also the server's, so that its messages find their field. */
  name: string;
  hint?: ComponentChildren;
  error?: string | undefined;
};

/** A labelled text field with its hint and its error tied to it. */
export const Field = ({ label, name, hint, error, ...input }: FieldProps) => {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <Input id={id} name={name} hinted={Boolean(hint)} error={error} {...input} />
      <Notes id={id} hint={hint} error={error} />
    </div>
  );
};

/** The same for a password, with a button that shows what was typed. */
export const PasswordField = ({ label, name, hint, error, ...input }: FieldProps) => {
  const id = useId();
  const [shown, setShown] = useState(false);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="with-button">
        <Input
          {...input}
          id={id}
          name={name}
          type={shown ? "text" : "password"}
          hinted={Boolean(hint)}
          error={error}
        />
        <button
          type="button"
          class="button quiet"
          aria-pressed={shown}
          aria-label={`Show ${label.toLowerCase()}`}
          onClick={() => setShown(!shown)}
        >
          {shown ? "Hide" : "Show"}
        </button>
      </div>
      <Notes id={id} hint={hint} error={error} />
    </div>
  );
};

/** Six digits, from a mail or the clipboard; phones offer the code from the mail by themselves. */
export const CodeField = ({ error }: { error?: string | undefined }) => (
  <Field
    label="Six-digit code"
    name="code"
    class="input code"
    inputMode="numeric"
    autoComplete="one-time-code"
    pattern="[0-9]{6}"
    maxLength={6}
    placeholder="000000"
    title="Six digits"
    required
    error={error}
    onInput={(event) => {
      event.currentTarget.value = event.currentTarget.value.replace(/\D/g, "").slice(0, 6);
    }}
  />
);

type InputProps = Omit<InputAttributes, "type"> & {
  id: string;
  name: string;
  type?: "text" | "email" | "password";
  hinted: boolean;
  error: string | undefined;
};

const Input = ({ hinted, error, id, type = "text", ...input }: InputProps) => {
  const notes = [hinted && `${id}-hint`, error !== undefined && `${id}-error`].filter(Boolean);
  return (
    <input
      class="input"
      {...({ ...input, type } as object)}
      id={id}
      aria-invalid={error !== undefined}
      {...(notes.length > 0 ? { "aria-describedby": notes.join(" ") } : {})}
    />
  );
};

const Notes = (props: { id: string; hint: ComponentChildren; error: string | undefined }) => (
  <>
    {props.hint && (
      <span class="hint" id={`${props.id}-hint`}>
        {props.hint}
      </span>
    )}
    {props.error !== undefined && (
      <span class="error" id={`${props.id}-error`} role="alert">
        {props.error}
      </span>
    )}
  </>
);
