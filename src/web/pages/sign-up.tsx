import { useLocation } from "preact-iso/router";
import { Field, PasswordField } from "../components/field.tsx";
import { Form } from "../components/form.tsx";
import { Gate } from "../components/gate.tsx";
import { Notice } from "../components/notice.tsx";
import { rememberForConfirming } from "../pending-sign-up.ts";
import { api, config } from "../session.ts";

const PASSWORD_HINT = "8 characters or more. A few words in a row are easy to keep in mind.";

const SignInHint = () => (
  <>
    Have an account? <a href="/login">Sign in</a>
  </>
);

/** `/signup`, with `?invitation=` where the server asks for one. */
export const SignUpPage = () => {
  const { query, route } = useLocation();
  const settings = config.value;
  const invitation = query.invitation;
  if (!settings?.firstRun && settings?.signUp === "closed") {
    return (
      <Gate title="Sign-up is closed" foot={<SignInHint />}>
        <p>This server takes no new accounts. Its administrator can make one for you.</p>
      </Gate>
    );
  }
  const needsInvitation = settings?.signUp === "invitation" && !settings.firstRun;
  const submit = async ({ name = "", email = "", password = "", code }: Values): Promise<void> => {
    const token = invitation ?? code;
    await api.signUp({ name, email, password, ...(token ? { invitation: token } : {}) });
    rememberForConfirming({ email, password });
    route(`/confirm?email=${encodeURIComponent(email)}`);
  };
  return (
    <Gate
      title={settings?.firstRun ? "Welcome to Sluice" : "Create your account"}
      lead="Upload a video, watch it minutes later."
      foot={settings?.firstRun ? null : <SignInHint />}
    >
      {settings?.firstRun && (
        <Notice testId="first-run">
          This server is new: the account you make now becomes its <strong>administrator</strong>.
        </Notice>
      )}
      <Form testId="sign-up-form" submit="Create account" onSubmit={submit}>
        {({ fields }) => (
          <>
            <Field
              label="Name"
              name="name"
              autoComplete="name"
              maxLength={100}
              error={fields.name}
              required
              autoFocus
            />
            <Field
              label="E-mail"
              name="email"
              type="email"
              autoComplete="username"
              maxLength={254}
              error={fields.email}
              required
            />
            <PasswordField
              label="Password"
              name="password"
              autoComplete="new-password"
              minLength={8}
              maxLength={256}
              hint={PASSWORD_HINT}
              error={fields.password}
              required
            />
            {needsInvitation && invitation === undefined && (
              <Field
                label="Invitation"
                name="code"
                autoComplete="off"
                hint="This server takes new accounts by invitation."
                error={fields.invitation}
                required
              />
            )}
          </>
        )}
      </Form>
    </Gate>
  );
};

type Values = { name?: string; email?: string; password?: string; code?: string };
