import { useLocation } from "preact-iso/router";
import { CodeField, Field, PasswordField } from "../components/field.tsx";
import { Form } from "../components/form.tsx";
import { Gate } from "../components/gate.tsx";
import { ResendButton } from "../components/resend-button.tsx";
import { WhereCodesGo } from "../components/where-codes-go.tsx";
import { api } from "../session.ts";

/** `/reset?email=`: the code from the mail and a new password. */
export const ResetPage = () => {
  const { query, route } = useLocation();
  const known = query.email;
  const submit = async ({ email = known ?? "", code = "", password = "" }: Values) => {
    await api.resetPassword({ email, code, password });
    route(`/login?reset&email=${encodeURIComponent(email)}`, true);
  };
  return (
    <Gate
      title="Set a new password"
      lead={<WhereCodesGo email={known} />}
      foot={<a href="/login">Back to sign-in</a>}
    >
      <Form testId="reset-form" submit="Set password" onSubmit={submit}>
        {({ fields }) => (
          <>
            {known === undefined && (
              <Field label="E-mail" name="email" type="email" error={fields.email} required />
            )}
            <CodeField error={fields.code} />
            <PasswordField
              label="New password"
              name="password"
              autoComplete="new-password"
              minLength={8}
              maxLength={256}
              hint="8 characters or more. You are signed out everywhere else."
              error={fields.password}
              required
            />
          </>
        )}
      </Form>
      {known !== undefined && <ResendButton resend={() => api.forgotPassword(known)} />}
    </Gate>
  );
};

type Values = { email?: string; code?: string; password?: string };
