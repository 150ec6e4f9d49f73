import { useLocation } from "preact-iso/router";
import { hasCode } from "../api/problem.ts";
import { ChallengeGate } from "../components/challenge.tsx";
import { Field, PasswordField } from "../components/field.tsx";
import { Form } from "../components/form.tsx";
import { Gate } from "../components/gate.tsx";
import { Notice } from "../components/notice.tsx";
import { safeReturnPath } from "../return-path.ts";
import { api, challenge, config, proceed, sessionEnded } from "../session.ts";

const SignUpHint = () =>
  config.value?.signUp === "closed" ? null : (
    <>
      New here? <a href="/signup">Create an account</a>
    </>
  );

/** `/login`, with `?next=` for the way back and `?email=` to start with. */
export const SignInPage = () => {
  const { query, route } = useLocation();
  const submit = async ({ email = "", password = "" }): Promise<void> => {
    try {
      if (proceed(await api.signIn({ email, password }))) {
        route(safeReturnPath(query.next), true);
      }
    } catch (error) {
      if (!hasCode(error, "account_not_confirmed")) {
        throw error;
      }
      route(`/confirm?email=${encodeURIComponent(email)}`);
    }
  };
  if (challenge.value !== null) {
    return <ChallengeGate onSignedIn={() => route(safeReturnPath(query.next), true)} />;
  }
  return (
    <Gate title="Sign in" foot={<SignUpHint />}>
      {sessionEnded.value && (
        <Notice testId="session-ended">
          Your session has ended. Sign in again and you go on where you were.
        </Notice>
      )}
      {query.confirmed !== undefined && (
        <Notice tone="good">Your account is confirmed. Sign in to start.</Notice>
      )}
      {query.taken !== undefined && (
        <Notice tone="bad">
          Your address is confirmed, but somebody had signed up with it before you, with another
          password.{" "}
          <a href={`/forgot?email=${encodeURIComponent(query.email ?? "")}`}>Set your own</a> to
          sign in.
        </Notice>
      )}
      {query.reset !== undefined && (
        <Notice tone="good">Your password was changed. Sign in with the new one.</Notice>
      )}
      <Form testId="sign-in-form" submit="Sign in" onSubmit={submit}>
        {({ fields }) => (
          <>
            <Field
              label="E-mail"
              name="email"
              type="email"
              autoComplete="username"
              defaultValue={query.email ?? ""}
              error={fields.email}
              required
              autoFocus
            />
            <PasswordField
              label="Password"
              name="password"
              autoComplete="current-password"
              error={fields.password}
              required
            />
            <p class="small">
              <a href="/forgot">Forgot your password?</a>
            </p>
          </>
        )}
      </Form>
    </Gate>
  );
};
