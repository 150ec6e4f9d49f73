import { and, desc, eq, gt, inArray, isNull, lt, lte, ne, or } from "drizzle-orm";
import type { Queries } from "../db/index.ts";
import { type SessionEndReason, sessions, users } from "../db/schema.ts";
import { SluiceError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { AccessTokens } from "./access-tokens.ts";
import { toUser } from "./accounts.ts";
import type { ClientInfo, Principal, SessionInfo, Tokens, User } from "./index.ts";
import { hashOfToken, type RefreshTokens } from "./refresh-tokens.ts";

/** How long a replaced refresh token still gets its successor: two tabs, or an answer that was lost. */
const GRACE_MS = 30_000;
const DAY_MS = 86_400_000;
/** Ended sessions are kept so long for questions about them. */
const KEPT_AFTER_END_MS = 30 * DAY_MS;
/** Longest browser name that is kept, in characters. */
const USER_AGENT_LENGTH = 300;

export type Sessions = ReturnType<typeof createSessions>;

type Options = {
  readonly queries: Queries;
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  /** A session that is not used for so long ends. */
  readonly days: number;
  readonly now: () => Date;
  readonly log: Log;
  /** Called with the sealed tokens of Cognito that ended sessions held; the rows no longer have them. */
  readonly onEnded?: (sealedTokens: readonly string[]) => void;
};

/** What a session of Cognito keeps beside ours. */
export type CognitoColumns = Pick<
  typeof sessions.$inferInsert,
  "cognitoUsername" | "cognitoOriginJti" | "cognitoTokens" | "cognitoRenewedAt"
>;

/**
 * Sessions: `running → ended`, with one refresh token at a time.
 *
 * A refresh replaces the token (in one guarded UPDATE, so only one of two at once does it). Within
 * the grace after that, the replaced token gives its successor again, and the new one is not
 * replaced yet: however many tabs refresh at once, all end up with the same token, and no token that
 * is two steps old can be an honest one. Any other token of the session's past means that two parties
 * hold it: the session ends for both.
 */
export const createSessions = ({
  queries,
  accessTokens,
  refreshTokens,
  days,
  now,
  log,
  onEnded,
}: Options) => {
  const running = () => and(isNull(sessions.endedAt), gt(sessions.expiresAt, now()));
  const expiry = () => new Date(now().getTime() + days * DAY_MS);
  const graceStart = () => new Date(now().getTime() - GRACE_MS);

  const tokensFor = async (
    user: User,
    session: { id: string; expiresAt: Date },
    refreshToken: string,
  ): Promise<Tokens> => {
    const { id: userId, role } = user;
    const access = await accessTokens.sign({ userId, sessionId: session.id, role });
    return {
      accessToken: access.token,
      accessTokenExpiresAt: access.expiresAt,
      refreshToken,
      refreshTokenExpiresAt: session.expiresAt,
      user,
    };
  };

  const forget = async (userId: string): Promise<void> => {
    const before = new Date(now().getTime() - KEPT_AFTER_END_MS);
    const over = or(lt(sessions.endedAt, before), lt(sessions.expiresAt, before));
    await queries.delete(sessions).where(and(eq(sessions.userId, userId), over));
  };

  const replace = async (id: string, token: string, next: string, client: ClientInfo) => {
    const [session] = await queries
      .update(sessions)
      .set({
        refreshTokenHash: hashOfToken(next),
        previousRefreshTokenHash: hashOfToken(token),
        rotatedAt: now(),
        expiresAt: expiry(),
        ...used(client, now()),
      })
      .where(
        and(
          eq(sessions.id, id),
          eq(sessions.refreshTokenHash, hashOfToken(token)),
          // A first refresh always replaces; later ones not within the grace of the one before.
          or(isNull(sessions.previousRefreshTokenHash), lte(sessions.rotatedAt, graceStart())),
          running(),
        ),
      )
      .returning();
    return session;
  };

  /** What a token that replaces nothing is worth: itself, its successor, or the end of the session. */
  const standing = async (id: string, token: string, next: string) => {
    const [session] = await queries
      .select()
      .from(sessions)
      .where(and(eq(sessions.id, id), running()));
    if (!session) {
      throw new SluiceError("session_ended");
    }
    if (session.refreshTokenHash === hashOfToken(token)) {
      return { session, refreshToken: token };
    }
    const justReplaced =
      session.previousRefreshTokenHash === hashOfToken(token) && session.rotatedAt > graceStart();
    if (justReplaced && session.refreshTokenHash === hashOfToken(next)) {
      return { session, refreshToken: next };
    }
    await end(eq(sessions.id, id), "token_reused");
    log.warn({ sessionId: id, userId: session.userId }, "refresh token reused, session ended");
    throw new SluiceError("refresh_token_reused");
  };

  const end = async (which: ReturnType<typeof eq> | undefined, reason: SessionEndReason) => {
    const ended = await queries
      .update(sessions)
      .set({ endedAt: now(), endReason: reason })
      .where(and(which, isNull(sessions.endedAt)))
      .returning({ id: sessions.id, cognitoTokens: sessions.cognitoTokens });
    const sealedTokens = ended.flatMap(({ cognitoTokens }) => cognitoTokens ?? []);
    if (sealedTokens.length > 0) {
      const ids = ended.map(({ id }) => id);
      await queries.update(sessions).set({ cognitoTokens: null }).where(inArray(sessions.id, ids));
      onEnded?.(sealedTokens);
    }
    return ended;
  };

  return {
    start: async (
      user: User,
      client: ClientInfo,
      cognito: CognitoColumns = {},
    ): Promise<Tokens> => {
      await forget(user.id);
      const session = { id: Bun.randomUUIDv7(), userId: user.id, expiresAt: expiry() };
      const refreshToken = refreshTokens.first(session.id);
      await queries.insert(sessions).values({
        ...session,
        refreshTokenHash: hashOfToken(refreshToken),
        rotatedAt: now(),
        createdAt: now(),
        ...cognito,
        ...used(client, now()),
      });
      return await tokensFor(user, session, refreshToken);
    },

    refresh: async (token: string, client: ClientInfo): Promise<Tokens> => {
      const id = refreshTokens.sessionOf(token);
      if (id === null) {
        throw new SluiceError("session_ended");
      }
      const next = refreshTokens.successor(token);
      const replaced = await replace(id, token, next, client);
      const { session, refreshToken } = replaced
        ? { session: replaced, refreshToken: next }
        : await standing(id, token, next);
      const [row] = await queries.select().from(users).where(eq(users.id, session.userId));
      if (!row) {
        throw new SluiceError("session_ended");
      }
      return await tokensFor(toUser(row), session, refreshToken);
    },

    check: async ({ sessionId, userId }: Principal): Promise<void> => {
      const [session] = await queries
        .select({ id: sessions.id })
        .from(sessions)
        .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId), running()));
      if (!session) {
        throw new SluiceError("session_ended");
      }
    },

    list: async ({ userId }: Principal): Promise<SessionInfo[]> =>
      await queries
        .select({
          id: sessions.id,
          userAgent: sessions.userAgent,
          address: sessions.address,
          createdAt: sessions.createdAt,
          lastUsedAt: sessions.lastUsedAt,
        })
        .from(sessions)
        .where(and(eq(sessions.userId, userId), running()))
        .orderBy(desc(sessions.lastUsedAt)),

    /** Ends the session that a refresh token of ours belongs to, also a replaced one. */
    endByToken: async (token: string): Promise<void> => {
      const id = refreshTokens.sessionOf(token);
      if (id !== null) {
        await end(eq(sessions.id, id), "logout");
      }
    },

    endById: async (sessionId: string, reason: SessionEndReason): Promise<void> => {
      await end(eq(sessions.id, sessionId), reason);
    },

    /** @throws SluiceError `not_found` unless it runs and is the user's own */
    endOne: async (userId: string, sessionId: string): Promise<void> => {
      const own = and(eq(sessions.id, sessionId), eq(sessions.userId, userId));
      if ((await end(own, "ended_by_user")).length === 0) {
        throw new SluiceError("not_found");
      }
    },

    endAll: async (userId: string, reason: SessionEndReason): Promise<void> => {
      await end(eq(sessions.userId, userId), reason);
    },

    endOthers: async ({ userId, sessionId }: Principal): Promise<void> => {
      const others = and(eq(sessions.userId, userId), ne(sessions.id, sessionId));
      await end(others, "password_changed");
    },
  };
};

const used = ({ address, userAgent }: ClientInfo, at: Date) => ({
  address,
  userAgent: userAgent?.slice(0, USER_AGENT_LENGTH) ?? null,
  lastUsedAt: at,
});
