import { SluiceError } from "../../errors.ts";
import { createAccessTokens } from "../access-tokens.ts";
import { removeAccount, userByEmail, userById } from "../accounts.ts";
import { createAdmission } from "../admission.ts";
import { normaliseEmail } from "../email-address.ts";
import type { Identity, IdentityConfig, IdentityParts, User } from "../index.ts";
import { createInvitations } from "../invitations.ts";
import { createInviting } from "../inviting.ts";
import { createRefreshTokens } from "../refresh-tokens.ts";
import { createSessions } from "../sessions.ts";
import { createCodes } from "./codes.ts";
import { createPasswordChanges } from "./password-changes.ts";
import { passwordHashOf } from "./password-hashes.ts";
import { createPasswords } from "./passwords.ts";
import { createSignUp } from "./sign-up.ts";

/** Accounts kept by this server: passwords, codes by mail, sessions and our own tokens. */
export const openLocalIdentity = (config: IdentityConfig, parts: IdentityParts): Identity => {
  const { database, keys, outbox, log, now } = parts;
  const { queries } = database;
  const { publicUrl } = config;
  const passwords = createPasswords(parts.hashCost);
  const codes = createCodes({ queries, key: keys("code"), now });
  const invitations = createInvitations({ queries, now });
  const accessTokens = createAccessTokens({ key: keys("access-token"), audience: publicUrl, now });
  const sessions = createSessions({
    queries,
    accessTokens,
    refreshTokens: createRefreshTokens(keys("refresh-token")),
    days: config.SESSION_DAYS,
    now,
    log,
  });
  const admission = createAdmission({ queries, invitations, policy: config.SIGN_UP });
  const signUp = createSignUp({
    database,
    codes,
    admission,
    passwords,
    outbox,
    publicUrl,
    now,
  });
  const changes = createPasswordChanges({
    queries,
    codes,
    passwords,
    sessions,
    outbox,
    publicUrl,
    now,
  });

  /** One hash is compared in every case, so that no answer comes sooner than another. */
  const authenticate = async (
    email: string,
    password: string,
  ): Promise<{ user: User; hash: string | null }> => {
    const user = await userByEmail(queries, email);
    const waiting = user ? null : await codes.pendingSignUp(email);
    const hash = user ? await passwordHashOf(queries, user.id) : (waiting?.passwordHash ?? null);
    if (!(await passwords.verify(password, hash))) {
      throw new SluiceError("invalid_credentials");
    }
    if (user === null) {
      throw new SluiceError("account_not_confirmed");
    }
    return { user, hash };
  };

  const login: Identity["login"] = async ({ email, password, client }) => {
    const { user, hash } = await authenticate(normaliseEmail(email), password);
    const tokens = await sessions.start(user, client);
    // A reset that came between would have ended all sessions but this one, begun with the old password.
    if ((await passwordHashOf(queries, user.id)) !== hash) {
      await sessions.endByToken(tokens.refreshToken);
      throw new SluiceError("invalid_credentials");
    }
    return { kind: "signed-in", tokens };
  };

  return {
    ...signUp,
    ...changes,

    login,
    /** Accounts of this server sign in with the password alone. */
    answerChallenge: async () => {
      throw new SluiceError("challenge_not_pending");
    },
    refresh: ({ refreshToken, client }) => sessions.refresh(refreshToken, client),
    logout: ({ refreshToken }) => sessions.endByToken(refreshToken),
    logoutEverywhere: ({ userId }) => sessions.endAll(userId, "logout_everywhere"),

    verifyAccessToken: accessTokens.verify,
    checkSession: sessions.check,
    sessions: sessions.list,
    endSession: ({ userId }, sessionId) => sessions.endOne(userId, sessionId),
    user: (userId) => userById(queries, userId),

    deleteAccount: async ({ principal, password, removeContents }) => {
      // Asked first: a wrong password must not cost a single video.
      await changes.confirmPassword({ principal, password });
      // Nobody may begin another upload while the videos go.
      await sessions.endAll(principal.userId, "logout_everywhere");
      await removeContents();
      await removeAccount(queries, await userById(queries, principal.userId));
    },

    invite: createInviting({ queries, invitations, outbox, publicUrl }),
    totp: null,
  };
};
