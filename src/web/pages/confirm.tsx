import { useLocation } from "preact-iso/router";
import { hasCode } from "../api/problem.ts";
import { CodeField, Field } from "../components/field.tsx";
import { Form } from "../components/form.tsx";
import { Gate } from "../components/gate.tsx";
import { ResendButton } from "../components/resend-button.tsx";
import { WhereCodesGo } from "../components/where-codes-go.tsx";
import { takeForConfirming } from "../pending-sign-up.ts";
import { api, config, proceed } from "../session.ts";

/** `/confirm?email=`: the code that proves the address. */
export const ConfirmPage = () => {
  const { query, route } = useLocation();
  const known = query.email;
  const submit = async ({ email = known ?? "", code = "" }: Values): Promise<void> => {
    await api.confirm({ email, code });
    const settings = config.peek();
    config.value = settings && { ...settings, firstRun: false };
    const credentials = takeForConfirming(email);
    if (credentials === null) {
      route(`/login?confirmed&email=${encodeURIComponent(email)}`, true);
      return;
    }
    try {
      route(proceed(await api.signIn(credentials)) ? "/" : "/login", true);
    } catch (error) {
      // The account is there, but another password is its own: sign-in says what to do.
      if (!hasCode(error, "invalid_credentials")) {
        throw error;
      }
      route(`/login?taken&email=${encodeURIComponent(email)}`, true);
    }
  };
  return (
    <Gate
      title="Confirm your address"
      lead={<WhereCodesGo email={known} />}
      foot={<a href="/login">Back to sign-in</a>}
    >
      <Form testId="confirm-form" submit="Confirm" onSubmit={submit}>
        {({ fields }) => (
          <>
            {known === undefined && (
              <Field label="E-mail" name="email" type="email" error={fields.email} required />
            )}
            <CodeField error={fields.code} />
          </>
        )}
      </Form>
      {known !== undefined && <ResendButton resend={() => api.resendCode(known)} />}
    </Gate>
  );
};

type Values = { email?: string; code?: string };
