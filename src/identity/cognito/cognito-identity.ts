import { eq } from "drizzle-orm";
import { sessions as sessionRows } from "../../db/schema.ts";
import { SluiceError } from "../../errors.ts";
import { createAccessTokens } from "../access-tokens.ts";
import { removeAccount, userById } from "../accounts.ts";
import { createAdmission } from "../admission.ts";
import { normaliseEmail } from "../email-address.ts";
import type { ClientInfo, Identity, IdentityConfig, IdentityParts, SignIn } from "../index.ts";
import { createInvitations } from "../invitations.ts";
import { createInviting } from "../inviting.ts";
import { createPasswords } from "../local/passwords.ts";
import { createRefreshTokens, hashOfToken } from "../refresh-tokens.ts";
import { createSessions } from "../sessions.ts";
import { createChallenges } from "./challenges.ts";
import { checkPool } from "./check-pool.ts";
import { createCognitoAccounts } from "./cognito-accounts.ts";
import { type AuthAnswer, type CognitoSettings, createCognitoApi } from "./cognito-api.ts";
import { createCognitoPasswordChanges } from "./password-changes.ts";
import { createRenewal } from "./renewal.ts";
import { createSealing } from "./sealing.ts";
import { createCognitoSignUp } from "./sign-up.ts";
import { createTokenCheck, openTokens } from "./tokens.ts";
import { createCognitoTotp } from "./totp.ts";

/**
 * Accounts kept by an Amazon Cognito user pool. Sessions, and the tokens that clients get, are this
 * server's own: Cognito's tokens stay here, encrypted in the session's row (decision 0049).
 * @throws SluiceError `identity_misconfigured` when Cognito answers that pool and client cannot work
 */
export const openCognitoIdentity = async (
  config: IdentityConfig,
  parts: IdentityParts,
): Promise<Identity> => {
  const { database, keys, outbox, log, now } = parts;
  const { queries } = database;
  const { publicUrl } = config;
  const settings = settingsOf(config);
  const api = createCognitoApi(settings, log);
  const check = createTokenCheck(settings);
  await checkPool(settings, { api, check, log });

  const sealing = createSealing(keys("cognito-tokens"));
  const refreshTokens = createRefreshTokens(keys("refresh-token"));
  const accessTokens = createAccessTokens({ key: keys("access-token"), audience: publicUrl, now });
  const invitations = createInvitations({ queries, now });
  const admission = createAdmission({ queries, invitations, policy: config.SIGN_UP });
  const accounts = createCognitoAccounts({ database, admission, now });
  const sessions = createSessions({
    queries,
    accessTokens,
    refreshTokens,
    days: config.SESSION_DAYS,
    now,
    log,
    onEnded: (sealed) => void revokeAll(sealed),
  });
  const renewal = createRenewal({ queries, api, check, sealing, sessions, now, log });
  const challenges = createChallenges({ api, sealing: createSealing(keys("challenge")), now });
  const changes = createCognitoPasswordChanges({
    queries,
    api,
    accounts,
    sessions,
    renewal,
    outbox,
    publicUrl,
  });
  const { confirmPassword } = changes;

  /** The session has ended already; what fails here leaves a token that nobody holds any more. */
  async function revokeAll(sealedTokens: readonly string[]): Promise<void> {
    for (const sealed of sealedTokens) {
      const tokens = await openTokens(sealing, sealed);
      if (tokens) {
        await api.revoke(tokens.refreshToken).catch(() => undefined);
      }
    }
  }

  /** Tokens become a session, anything else a challenge. */
  const proceed = async (
    answer: AuthAnswer,
    typed: string,
    client: ClientInfo,
    since: Date,
  ): Promise<SignIn> => {
    if (answer.kind === "challenge") {
      return { kind: "challenge", challenge: await challenges.pose(answer, typed, client) };
    }
    const { tokens, claims } = await check.check(answer.result);
    const { user, mustResetPassword } = await accounts.rowOf(claims.sub, async () => {
      const attributes = await api.attributesOf(tokens.accessToken);
      return {
        email: attributes.get("email") ?? typed,
        emailVerified: attributes.get("email_verified") === "true",
        name: attributes.get("name") ?? null,
      };
    });
    if (mustResetPassword) {
      await api.revoke(tokens.refreshToken).catch(() => undefined);
      throw new SluiceError("invalid_credentials", {
        message:
          "Somebody else had signed up with this address too: set a new password with “Forgot your password?”.",
      });
    }
    const ours = await sessions.start(user, client, {
      cognitoUsername: claims.username,
      cognitoOriginJti: claims.originJti,
      cognitoTokens: await sealing.seal(tokens),
      cognitoRenewedAt: now(),
    });
    // A reset that came between has ended all sessions but this one, begun with the old password.
    if (await accounts.wasResetSince(user.id, since)) {
      await sessions.endByToken(ours.refreshToken);
      throw new SluiceError("invalid_credentials");
    }
    return { kind: "signed-in", tokens: ours };
  };

  return {
    ...createCognitoSignUp({
      database,
      api,
      accounts,
      admission,
      passwords: createPasswords(parts.hashCost),
      outbox,
      publicUrl,
      now,
    }),
    ...changes,

    login: async ({ email, password, client }) => {
      const typed = normaliseEmail(email);
      const since = now();
      return await proceed(await api.signIn(typed, password, client), typed, client, since);
    },

    answerChallenge: async ({ token, answer, client }) => {
      const since = now();
      const { answer: next, username } = await challenges.answer(token, answer, client);
      return await proceed(next, username, client, since);
    },

    refresh: async ({ refreshToken, client }) => {
      const id = refreshTokens.sessionOf(refreshToken);
      const [current] =
        id === null
          ? []
          : await queries
              .select({ hash: sessionRows.refreshTokenHash })
              .from(sessionRows)
              .where(eq(sessionRows.id, id));
      // Only for the token in force: a replaced one gets its successor or ends the session without Cognito.
      if (id !== null && current?.hash === hashOfToken(refreshToken)) {
        await renewal.renew(id);
      }
      return await sessions.refresh(refreshToken, client);
    },

    logout: ({ refreshToken }) => sessions.endByToken(refreshToken),
    logoutEverywhere: async ({ userId, sessionId }) => {
      try {
        const { accessToken } = await renewal.usable(sessionId);
        await api.signOutEverywhere(await usernameOf(sessionId), accessToken);
      } catch (error) {
        // Our sessions end in any case, and with them what holds Cognito's tokens.
        log.warn({ err: error }, "Cognito could not be told to sign out everywhere");
      }
      await sessions.endAll(userId, "logout_everywhere");
    },

    verifyAccessToken: accessTokens.verify,
    checkSession: sessions.check,
    sessions: sessions.list,
    endSession: ({ userId }, sessionId) => sessions.endOne(userId, sessionId),
    user: (userId) => userById(queries, userId),

    deleteAccount: async ({ principal, password, removeContents }) => {
      await confirmPassword({ principal, password });
      const user = await userById(queries, principal.userId);
      const username = await usernameOf(principal.sessionId);
      const tokens = await renewal.usable(principal.sessionId);
      await renewal.detach(principal.sessionId);
      await sessions.endAll(user.id, "logout_everywhere");
      await removeContents();
      await api.deleteUser(await stillUsable(tokens, username));
      await removeAccount(queries, user);
    },

    invite: createInviting({ queries, invitations, outbox, publicUrl }),
    totp: createCognitoTotp({ queries, api, renewal, confirmPassword }),
  };

  async function usernameOf(sessionId: string): Promise<string> {
    const [row] = await queries
      .select({ username: sessionRows.cognitoUsername })
      .from(sessionRows)
      .where(eq(sessionRows.id, sessionId));
    return row?.username ?? "";
  }

  /** Removing many videos can outlast an access token (five minutes at least). */
  async function stillUsable(
    tokens: Awaited<ReturnType<typeof renewal.usable>>,
    username: string,
  ): Promise<string> {
    if (tokens.accessTokenExpiresAtMs > now().getTime()) {
      return tokens.accessToken;
    }
    const { AccessToken = "" } = await api.refresh(tokens.refreshToken, username);
    return AccessToken;
  }
};

/** `settings/needs.ts` makes sure of pool and client. */
const settingsOf = (config: IdentityConfig): CognitoSettings => ({
  userPoolId: config.COGNITO_USER_POOL_ID ?? "",
  clientId: config.COGNITO_CLIENT_ID ?? "",
  clientSecret: config.COGNITO_CLIENT_SECRET ?? null,
  adminAuth: config.COGNITO_ADMIN_AUTH,
  endpoint: config.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER ?? null,
  publicUrl: config.publicUrl,
});
