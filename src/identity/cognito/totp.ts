import type { Queries } from "../../db/index.ts";
import { userById } from "../accounts.ts";
import type { Identity, Totp } from "../index.ts";
import type { CognitoApi } from "./cognito-api.ts";
import { otpauthUri } from "./otpauth.ts";
import type { Renewal } from "./renewal.ts";

type Parts = {
  readonly queries: Queries;
  readonly api: CognitoApi;
  readonly renewal: Renewal;
  readonly confirmPassword: Identity["confirmPassword"];
};

/** Authenticator apps as Cognito has them: one per account. */
export const createCognitoTotp = ({ queries, api, renewal, confirmPassword }: Parts): Totp => ({
  enabled: async ({ sessionId }) =>
    await api.totpEnabled((await renewal.usable(sessionId)).accessToken),

  begin: async ({ sessionId, userId }) => {
    const { accessToken } = await renewal.usable(sessionId);
    const { secret } = await api.beginTotp({ AccessToken: accessToken });
    const { email } = await userById(queries, userId);
    return { secret, uri: otpauthUri(email, secret) };
  },

  confirm: async ({ principal, code }) => {
    const { accessToken } = await renewal.usable(principal.sessionId);
    await api.verifyTotp({ AccessToken: accessToken }, code);
    await api.setTotp(accessToken, true);
  },

  turnOff: async ({ principal, password }) => {
    await confirmPassword({ principal, password });
    const { accessToken } = await renewal.usable(principal.sessionId);
    await api.setTotp(accessToken, false);
  },
});
