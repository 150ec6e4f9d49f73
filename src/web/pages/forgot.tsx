import { useLocation } from "preact-iso/router";
import { Field } from "../components/field.tsx";
import { Form } from "../components/form.tsx";
import { Gate } from "../components/gate.tsx";
import { api } from "../session.ts";

/** `/forgot`: asks for a code to set a new password. */
export const ForgotPage = () => {
  const { query, route } = useLocation();
  return (
    <Gate
      title="Forgot your password?"
      lead="Give us your address and we send a code to set a new one."
      foot={<a href="/login">Back to sign-in</a>}
    >
      <Form
        testId="forgot-form"
        submit="Send code"
        onSubmit={async ({ email = "" }) => {
          await api.forgotPassword(email);
          route(`/reset?email=${encodeURIComponent(email)}`);
        }}
      >
        {({ fields }) => (
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
        )}
      </Form>
    </Gate>
  );
};
