import type { Queries } from "../../db/index.ts";
import { SluiceError } from "../../errors.ts";
import type { Outbox } from "../../mail/outbox.ts";
import { passwordChangedMail } from "../../mail/texts.ts";
import { userById } from "../accounts.ts";
import { normaliseEmail, parseEmail } from "../email-address.ts";
import type { Identity, Principal } from "../index.ts";
import type { Sessions } from "../sessions.ts";
import { checkCognitoPassword } from "./check-password.ts";
import type { CognitoAccounts } from "./cognito-accounts.ts";
import type { CognitoApi } from "./cognito-api.ts";
import type { Renewal } from "./renewal.ts";

type Parts = {
  readonly queries: Queries;
  readonly api: CognitoApi;
  readonly accounts: CognitoAccounts;
  readonly sessions: Sessions;
  readonly renewal: Renewal;
  readonly outbox: Outbox;
  readonly publicUrl: string;
};

/** Forgotten, reset and changed passwords; Cognito sends the codes, the owner hears of a change from us. */
export const createCognitoPasswordChanges = (
  parts: Parts,
): Pick<Identity, "forgotPassword" | "resetPassword" | "changePassword" | "confirmPassword"> => {
  const { queries, api, accounts, sessions, renewal, outbox, publicUrl } = parts;
  const tell = (to: string) => outbox.post(async () => passwordChangedMail({ to, publicUrl }));

  /** Asks Cognito; a challenge after the password means that it is right. */
  const confirm = async ({ userId }: Principal, password: string): Promise<void> => {
    const { email } = await userById(queries, userId);
    const answer = await api.signIn(email, password, null).catch(wrongPassword);
    const begun = answer.kind === "tokens" ? answer.result.RefreshToken : undefined;
    if (begun !== undefined) {
      await api.revoke(begun).catch(() => undefined);
    }
  };

  return {
    forgotPassword: async (input) => {
      await api.forgotPassword(parseEmail(input.email));
    },

    resetPassword: async (input) => {
      const email = normaliseEmail(input.email);
      await checkCognitoPassword(input.password);
      await api.resetPassword({ email, code: input.code, password: input.password });
      const user = await accounts.passwordWasReset(email);
      if (user) {
        await sessions.endAll(user.id, "password_changed");
        tell(user.email);
      }
    },

    changePassword: async ({ principal, currentPassword, newPassword }) => {
      await checkCognitoPassword(newPassword);
      const { accessToken } = await renewal.usable(principal.sessionId);
      await api
        .changePassword(accessToken, currentPassword, newPassword)
        .catch((error) => endedOrWrong(error, principal));
      tell((await userById(queries, principal.userId)).email);
      await sessions.endOthers(principal);
    },

    confirmPassword: ({ principal, password }) => confirm(principal, password),
  };

  /** Cognito says the same of a wrong password and of an access token that it took back. */
  async function endedOrWrong(error: unknown, principal: Principal): Promise<never> {
    if (error instanceof SluiceError && error.code === "invalid_credentials") {
      await renewal.renew(principal.sessionId);
    }
    return wrongPassword(error);
  }
};

const wrongPassword = (error: unknown): never => {
  throw error instanceof SluiceError && error.code === "invalid_credentials"
    ? new SluiceError("invalid_credentials", {
        message: "The password is wrong.",
        cause: error.cause,
      })
    : error;
};
