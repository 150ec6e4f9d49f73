import type { ChallengeBody } from "../../http/schemas.ts";
import { api, challenge, proceed } from "../session.ts";
import { CodeField, Field, PasswordField } from "./field.tsx";
import { Form } from "./form.tsx";
import { Gate } from "./gate.tsx";
import { TotpSetup } from "./totp-setup.tsx";

type Asked = ChallengeBody["challenge"];

const words: Record<Asked["name"], { title: string; lead: string; submit: string }> = {
  new_password: {
    title: "Choose a new password",
    lead: "Yours was set by somebody else, or must be replaced.",
    submit: "Set password",
  },
  totp: {
    title: "One more step",
    lead: "Type the six digits that your authenticator app shows now.",
    submit: "Sign in",
  },
  totp_setup: {
    title: "Set up an authenticator app",
    lead: "This server asks for a second proof that it is you.",
    submit: "Sign in",
  },
};

/** The step between password and session that the server asks for, in place of the sign-in form. */
export const ChallengeGate = ({ onSignedIn }: { onSignedIn: () => void }) => {
  const asked = challenge.value;
  if (asked === null) {
    return null;
  }
  const { title, lead, submit } = words[asked.name];
  const startAgain = () => {
    challenge.value = null;
  };
  const answer = async (values: Readonly<Record<string, string>>): Promise<void> => {
    if (proceed(await api.answerChallenge({ token: asked.token, ...values }))) {
      onSignedIn();
    }
  };
  return (
    <Gate
      title={title}
      lead={lead}
      foot={
        <button type="button" class="button link" data-testid="start-again" onClick={startAgain}>
          Back to sign-in
        </button>
      }
    >
      <Form key={asked.token} testId={`${asked.name}-form`} submit={submit} onSubmit={answer}>
        {({ fields }) => (
          <>
            {asked.setup && <TotpSetup setup={asked.setup} />}
            {asked.name === "new_password" ? (
              <>
                {asked.needsName && (
                  <Field label="Name" name="name" autoComplete="name" maxLength={100} required />
                )}
                <PasswordField
                  label="New password"
                  name="newPassword"
                  autoComplete="new-password"
                  minLength={8}
                  maxLength={256}
                  hint="8 characters or more."
                  error={fields.newPassword}
                  required
                />
              </>
            ) : (
              <CodeField error={fields.code} />
            )}
          </>
        )}
      </Form>
    </Gate>
  );
};
