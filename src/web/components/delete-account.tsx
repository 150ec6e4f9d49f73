import { useState } from "preact/hooks";
import { api, user } from "../session.ts";
import { ConfirmDialog } from "./dialog.tsx";
import { PasswordField } from "./field.tsx";

/** Deletes the account after asking for the password. */
export const DeleteAccount = () => {
  const [asking, setAsking] = useState(false);
  return (
    <div>
      <button
        type="button"
        class="button"
        data-testid="delete-account"
        onClick={() => setAsking(true)}
      >
        Delete account
      </button>
      {asking && (
        <ConfirmDialog
          title="Delete your account?"
          confirm="Delete account"
          testId="delete-account-dialog"
          onConfirm={async (values) => {
            await api.deleteAccount({ password: String(values.get("password") ?? "") });
            user.value = null;
          }}
          onClose={() => setAsking(false)}
        >
          <p>All your videos are deleted with it. This cannot be undone.</p>
          <PasswordField
            label="Password"
            name="password"
            autoComplete="current-password"
            required
          />
        </ConfirmDialog>
      )}
    </div>
  );
};
