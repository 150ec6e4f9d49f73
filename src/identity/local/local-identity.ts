import { SluiceError } from "../../errors.ts";
import { invitationMail } from "../../mail/texts.ts";
import type { Identity, IdentityConfig, IdentityParts, User } from "../index.ts";
import { invitationUrl } from "../invitation-url.ts";

import { createAccessTokens } from "./access-tokens.ts";
import { passwordHashOf, removeAccount, userByEmail, userById } from "./accounts.ts";
import { createCodes } from "./codes.ts";
import { normaliseEmail, parseEmail } from "./email-address.ts";
import { createInvitations, INVITATION_DAYS } from "./invitations.ts";
import { createPasswordChanges } from "./password-changes.ts";
import { createPasswords } from "./passwords.ts";
import { createRefreshTokens } from "./refresh-tokens.ts";
import { createSessions } from "./sessions.ts";
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
  const policy = config.SIGN_UP;
  const signUp = createSignUp({
    database,
    codes,
    invitations,
    passwords,
    outbox,
    policy,
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
    return tokens;
  };

  return {
    ...signUp,
    ...changes,

    login,
    refresh: ({ refreshToken, client }) => sessions.refresh(refreshToken, client),
    logout: ({ refreshToken }) => sessions.endByToken(refreshToken),
    logoutEverywhere: ({ userId }) => sessions.endAll(userId, "logout_everywhere"),

    verifyAccessToken: accessTokens.verify,
    checkSession: sessions.check,
    sessions: sessions.list,
    endSession: ({ userId }, sessionId) => sessions.endOne(userId, sessionId),
    user: (userId) => userById(queries, userId),

    deleteAccount: async ({ principal, password }) => {
      await changes.confirmPassword({ principal, password });
      await removeAccount(queries, await userById(queries, principal.userId));
    },

    invite: async (principal, email) => {
      const { id, role } = await userById(queries, principal.userId);
      if (role !== "admin") {
        throw new SluiceError("not_allowed");
      }
      const to = email === null ? null : parseEmail(email);
      const token = await invitations.create(id, to);
      if (to !== null) {
        const url = invitationUrl(publicUrl, token);
        outbox.post(async () => invitationMail({ to, url, days: INVITATION_DAYS }));
      }
      return token;
    },
  };
};
