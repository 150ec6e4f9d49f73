import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { AuthenticatorApp } from "../components/authenticator-app.tsx";
import { DeleteAccount } from "../components/delete-account.tsx";
import { PasswordField } from "../components/field.tsx";
import { Form } from "../components/form.tsx";
import { Invitations } from "../components/invitations.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { Sessions } from "../components/sessions.tsx";
import { toast } from "../components/toast.tsx";
import { api, config, user } from "../session.ts";

/** `/account`: password, sessions, invitations, and the way out. */
export const AccountPage = () => {
  const person = user.value;
  const mayInvite = person?.role === "admin" && config.value?.signUp !== "closed";
  return (
    <main class="main" id="main">
      <PageTitle>Account</PageTitle>
      <p class="soft" data-testid="account-email">
        {person?.name} · {person?.email}
        {person?.role === "admin" && " · Administrator"}
      </p>
      <div class="sections">
        <Section title="Change password">
          <ChangePassword />
        </Section>
        {config.value?.totp && (
          <Section title="Authenticator app">
            <AuthenticatorApp />
          </Section>
        )}
        <Section title="Where you are signed in">
          <Sessions />
        </Section>
        {mayInvite && (
          <Section title="Invite somebody">
            <Invitations />
          </Section>
        )}
        <Section title="Delete account">
          <p class="soft">Removes your account with all its videos, for good.</p>
          <DeleteAccount />
        </Section>
      </div>
    </main>
  );
};

const Section = ({ title, children }: { title: string; children: ComponentChildren }) => {
  const id = useId();
  return (
    <section class="card section" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
};

const ChangePassword = () => {
  // A new key makes the form anew, and so empty.
  const [round, setRound] = useState(0);
  return (
    <Form
      key={round}
      testId="change-password-form"
      submit="Change password"
      onSubmit={async ({ currentPassword = "", newPassword = "" }) => {
        await api.changePassword({ currentPassword, newPassword });
        toast("Your password was changed. Other devices were signed out.");
        setRound(round + 1);
      }}
    >
      {({ fields }) => (
        <>
          <PasswordField
            label="Current password"
            name="currentPassword"
            autoComplete="current-password"
            error={fields.currentPassword}
            required
          />
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
      )}
    </Form>
  );
};
