import { useState } from "preact/hooks";
import { api } from "../session.ts";
import { CopyLine } from "./copy-line.tsx";
import { Field } from "./field.tsx";
import { Form } from "./form.tsx";

/** For administrators: a link with which somebody can make an account. */
export const Invitations = () => {
  const [url, setUrl] = useState<string | null>(null);
  return (
    <div class="stack">
      <Form
        testId="invitation-form"
        submit="Make invitation"
        onSubmit={async ({ email }) => setUrl((await api.invite(email ? { email } : {})).url)}
      >
        {({ fields }) => (
          <Field
            label="E-mail (optional)"
            name="email"
            type="email"
            autoComplete="off"
            hint="With an address the link is sent there and works for it alone."
            error={fields.email}
          />
        )}
      </Form>
      {url !== null && <CopyLine label="Invitation link" text={url} testId="invitation-link" />}
    </div>
  );
};
