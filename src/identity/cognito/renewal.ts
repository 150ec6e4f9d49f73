import { and, eq, gt, isNotNull, isNull, lt, or } from "drizzle-orm";
import type { Queries } from "../../db/index.ts";
import { sessions, users } from "../../db/schema.ts";
import { SluiceError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Sessions } from "../sessions.ts";
import type { CognitoApi } from "./cognito-api.ts";
import { ANSWER_MS } from "./cognito-api.ts";
import type { Sealing } from "./sealing.ts";
import { type CognitoTokens, openTokens, type TokenCheck } from "./tokens.ts";

/** Longer than Cognito may take with its retries, so that nobody takes over from one that still waits. */
const CLAIM_MS = 4 * ANSWER_MS;
const POLL_MS = 50;
/** An access token is renewed when less than this is left of it. */
const MARGIN_MS = 60_000;
/** Renewals at most so often: the grace in which our own refresh token is not replaced either. */
const RENEW_EVERY_MS = 30_000;

type Parts = {
  readonly queries: Queries;
  readonly api: CognitoApi;
  readonly check: TokenCheck;
  readonly sealing: Sealing;
  readonly sessions: Sessions;
  readonly now: () => Date;
  readonly log: Log;
};

export type Renewal = ReturnType<typeof createRenewal>;

/**
 * Cognito's tokens of a session, kept fresh.
 *
 * With rotation a refresh token works once, perhaps with a grace, perhaps without. So of all tabs,
 * requests and processes that want fresh tokens at once, one claims the row (a guarded UPDATE) and
 * asks; the others wait for its result. No transaction is held open while Cognito is asked. A claim
 * whose process died lapses.
 */
export const createRenewal = (parts: Parts) => {
  const { queries, api, check, sealing, now, log } = parts;
  const running = (id: string) =>
    and(eq(sessions.id, id), isNull(sessions.endedAt), gt(sessions.expiresAt, now()));

  const read = async (sessionId: string) => {
    const [row] = await queries
      .select({
        sealed: sessions.cognitoTokens,
        username: sessions.cognitoUsername,
        renewedAt: sessions.cognitoRenewedAt,
        sub: users.cognitoSub,
      })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(running(sessionId));
    const tokens = await openTokens(sealing, row?.sealed ?? null);
    if (row === undefined || tokens === null) {
      throw new SluiceError("session_ended");
    }
    return { ...row, tokens };
  };

  const claim = async (sessionId: string, sealed: string | null): Promise<boolean> => {
    const free = or(
      isNull(sessions.cognitoRenewingUntil),
      lt(sessions.cognitoRenewingUntil, now()),
    );
    const claimed = await queries
      .update(sessions)
      .set({ cognitoRenewingUntil: new Date(now().getTime() + CLAIM_MS) })
      // Nobody else may have renewed since the row was read.
      .where(and(running(sessionId), free, eq(sessions.cognitoTokens, sealed ?? "")))
      .returning({ id: sessions.id });
    return claimed.length > 0;
  };

  const release = async (sessionId: string) =>
    await queries
      .update(sessions)
      .set({ cognitoRenewingUntil: null })
      .where(eq(sessions.id, sessionId));

  const ask = async (sessionId: string, row: Awaited<ReturnType<typeof read>>) => {
    try {
      const result = await api.refresh(row.tokens.refreshToken, row.username ?? "");
      const fresh = await check.check(result, result.RefreshToken ?? row.tokens.refreshToken);
      if (fresh.claims.sub !== row.sub) {
        throw new SluiceError("identity_unavailable", {
          cause: new Error("Cognito gave tokens of another user"),
        });
      }
      return fresh.tokens;
    } catch (error) {
      await release(sessionId);
      if (error instanceof SluiceError && error.code === "session_ended") {
        log.info({ sessionId, err: error.cause }, "Cognito ended a session");
        await parts.sessions.endById(sessionId, "ended_by_cognito");
      }
      throw error;
    }
  };

  const store = async (sessionId: string, tokens: CognitoTokens): Promise<void> => {
    const stored = await queries
      .update(sessions)
      .set({
        cognitoTokens: await sealing.seal(tokens),
        cognitoRenewedAt: now(),
        cognitoRenewingUntil: null,
      })
      .where(and(running(sessionId), isNotNull(sessions.cognitoTokens)))
      .returning({ id: sessions.id });
    if (stored.length === 0) {
      // Ended while Cognito was asked: what it gave must not outlive the session.
      await api.revoke(tokens.refreshToken).catch(() => undefined);
      throw new SluiceError("session_ended");
    }
  };

  /** Tokens that `isFresh`, by whoever renews them. @throws SluiceError `session_ended`, `identity_unavailable` */
  const renewUnless = async (
    sessionId: string,
    isFresh: (row: Awaited<ReturnType<typeof read>>) => boolean,
  ): Promise<CognitoTokens> => {
    const deadline = performance.now() + CLAIM_MS;
    for (;;) {
      const row = await read(sessionId);
      if (isFresh(row)) {
        return row.tokens;
      }
      if (await claim(sessionId, row.sealed)) {
        const tokens = await ask(sessionId, row);
        await store(sessionId, tokens);
        return tokens;
      }
      if (performance.now() > deadline) {
        throw new SluiceError("identity_unavailable");
      }
      await Bun.sleep(POLL_MS);
    }
  };

  return {
    /** Asks Cognito whether the session still stands, unless somebody just did. */
    renew: (sessionId: string): Promise<CognitoTokens> =>
      renewUnless(
        sessionId,
        ({ renewedAt }) =>
          renewedAt !== null && renewedAt.getTime() > now().getTime() - RENEW_EVERY_MS,
      ),

    /** An access token that lasts for another minute. */
    usable: (sessionId: string): Promise<CognitoTokens> =>
      renewUnless(
        sessionId,
        ({ tokens }) => tokens.accessTokenExpiresAtMs > now().getTime() + MARGIN_MS,
      ),

    /** Takes the tokens out of the session, so that its end does not revoke them. */
    detach: async (sessionId: string): Promise<void> => {
      await queries.update(sessions).set({ cognitoTokens: null }).where(eq(sessions.id, sessionId));
    },
  };
};
