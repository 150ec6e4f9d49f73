import { useEffect, useState } from "preact/hooks";
import type { TotpSetupBody } from "../../http/schemas.ts";
import { sentenceOf } from "../api/problem.ts";
import { api } from "../session.ts";
import { ConfirmDialog } from "./dialog.tsx";
import { CodeField, PasswordField } from "./field.tsx";
import { Form } from "./form.tsx";
import { Notice } from "./notice.tsx";
import { toast } from "./toast.tsx";
import { TotpSetup } from "./totp-setup.tsx";

/** A second factor for one's own account: whether there is one, how to set it up, and off again. */
export const AuthenticatorApp = () => {
  const [enabled, setEnabled] = useState<boolean | null>(null);
  const [setup, setSetup] = useState<TotpSetupBody | null>(null);
  const [turningOff, setTurningOff] = useState(false);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    api.totp().then(
      (state) => setEnabled(state.enabled),
      (thrown: unknown) => setError(sentenceOf(thrown)),
    );
  }, []);

  const begin = async (): Promise<void> => {
    setError(null);
    try {
      setSetup(await api.beginTotp());
    } catch (thrown) {
      setError(sentenceOf(thrown));
    }
  };

  return (
    <>
      {error !== null && <Notice tone="bad">{error}</Notice>}
      {enabled === false && setup === null && (
        <>
          <p class="soft">
            With an authenticator app, your password alone lets nobody in: signing in also takes six
            digits from your phone.
          </p>
          <div>
            <button
              type="button"
              class="button"
              data-testid="totp-begin"
              onClick={() => void begin()}
            >
              Set up
            </button>
          </div>
        </>
      )}
      {setup !== null && (
        <Form
          testId="totp-confirm-form"
          submit="Turn on"
          onSubmit={async ({ code = "" }) => {
            await api.confirmTotp(code);
            setSetup(null);
            setEnabled(true);
            toast("From now on, signing in asks for a code of your app.");
          }}
        >
          {({ fields }) => (
            <>
              <TotpSetup setup={setup} />
              <CodeField error={fields.code} />
            </>
          )}
        </Form>
      )}
      {enabled === true && (
        <>
          <p class="soft" data-testid="totp-on">
            It is on: signing in asks for a code of your app. Turn it off before you give the phone
            away.
          </p>
          <div>
            <button
              type="button"
              class="button"
              data-testid="totp-off"
              onClick={() => setTurningOff(true)}
            >
              Turn off
            </button>
          </div>
        </>
      )}
      {turningOff && (
        <ConfirmDialog
          title="Turn the authenticator app off?"
          confirm="Turn off"
          testId="totp-off-dialog"
          onConfirm={async (values) => {
            await api.turnTotpOff(String(values.get("password") ?? ""));
            setEnabled(false);
          }}
          onClose={() => setTurningOff(false)}
        >
          <p>Your password alone will be enough to sign in.</p>
          <PasswordField
            label="Password"
            name="password"
            autoComplete="current-password"
            required
          />
        </ConfirmDialog>
      )}
    </>
  );
};
