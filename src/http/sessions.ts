import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { type ErrorCode, SluiceError } from "../errors.ts";
import type { SessionInfo, SignIn, Tokens } from "../identity/index.ts";
import type { AuthParts } from "./auth.ts";
import { authentication } from "./authentication.ts";
import { clientAddress } from "./client-address.ts";
import {
  ChallengeRequest,
  LoginRequest,
  Problem,
  RefreshRequest,
  SessionBody,
  SignInBody,
  TokensBody,
} from "./schemas.ts";
import {
  type CookieJar,
  clearTokenCookies,
  refreshTokenIn,
  setTokenCookies,
} from "./session-cookies.ts";
import { userBody } from "./user-body.ts";

/** After these there is no session any more; after others, a refresh may be tried again. */
const ENDED = new Set<ErrorCode>(["not_signed_in", "session_ended", "refresh_token_reused"]);

const OptionalRefreshRequest = Type.Optional(RefreshRequest);

/** Login, refresh, logout and the list of sessions. */
export const sessionRoutes = ({ identity, rateLimits, publicUrl, trustProxy }: AuthParts) => {
  const secure = publicUrl.startsWith("https:");

  const answerOf = async (
    signIn: SignIn,
    cookie: CookieJar,
    request: Request,
  ): Promise<SignInBody> => {
    if (signIn.kind === "challenge") {
      const { expiresAt, ...challenge } = signIn.challenge;
      return { challenge: { ...challenge, expiresAt: expiresAt.toISOString() } };
    }
    const before = refreshTokenIn(cookie);
    if (before !== null) {
      await identity.logout({ refreshToken: before });
    }
    setTokenCookies(cookie, signIn.tokens, secure);
    return tokensBody(signIn.tokens, isBrowser(request));
  };

  return new Elysia({ name: "auth-sessions" })
    .use(authentication(identity))
    .derive(({ request, server }) => ({
      client: {
        address: clientAddress(request, server, trustProxy),
        userAgent: request.headers.get("user-agent"),
      },
    }))
    .post(
      "/login",
      async ({ body, client, cookie, request }) => {
        await rateLimits.count("login", { address: client.address, account: body.email });
        const signIn = await identity.login({ ...body, client });
        return await answerOf(signIn, cookie, request);
      },
      {
        body: LoginRequest,
        response: { 200: SignInBody, 401: Problem, 403: Problem, 429: Problem },
        detail: {
          security: [],
          summary: "Sign in",
          description:
            "Sets the cookies `access_token` and `refresh_token`, or asks for another step with a `challenge`.",
        },
      },
    )
    .post(
      "/challenge",
      async ({ body: { token = "", ...answer }, client, cookie, request }) => {
        await rateLimits.count("challenge", { address: client.address, account: token });
        const signIn = await identity.answerChallenge({ token, answer, client });
        return await answerOf(signIn, cookie, request);
      },
      {
        body: ChallengeRequest,
        response: {
          200: SignInBody,
          400: Problem,
          403: Problem,
          409: Problem,
          422: Problem,
          429: Problem,
        },
        detail: {
          security: [],
          summary: "Answer a sign-in challenge",
          description:
            "With `newPassword` (and `name` where it is needed) or `code`. Accounts of this server itself have no challenges.",
        },
      },
    )
    .post(
      "/refresh",
      async ({ body, client, cookie, request }) => {
        await rateLimits.count("refresh", { address: client.address });
        const inCookie = refreshTokenIn(cookie);
        const refreshToken = body?.refreshToken ?? inCookie;
        if (refreshToken === null) {
          throw new SluiceError("not_signed_in");
        }
        const fromCookie = body?.refreshToken === undefined;
        try {
          const tokens = await identity.refresh({ refreshToken, client });
          if (fromCookie) {
            setTokenCookies(cookie, tokens, secure);
          }
          return tokensBody(tokens, fromCookie || isBrowser(request));
        } catch (error) {
          if (fromCookie && error instanceof SluiceError && ENDED.has(error.code)) {
            clearTokenCookies(cookie, secure);
          }
          throw error;
        }
      },
      {
        body: OptionalRefreshRequest,
        response: { 200: TokensBody, 401: Problem, 429: Problem },
        detail: {
          security: [],
          summary: "Get fresh tokens",
          description:
            "The refresh token comes in the cookie or the body and is replaced. For 30 seconds the old one gives the same new one again; later use of it ends the session.",
        },
      },
    )
    .post(
      "/logout",
      async ({ body, cookie, set }) => {
        const refreshToken = body?.refreshToken ?? refreshTokenIn(cookie);
        if (refreshToken !== null) {
          await identity.logout({ refreshToken });
        }
        clearTokenCookies(cookie, secure);
        set.status = 204;
      },
      {
        body: OptionalRefreshRequest,
        response: { 204: Type.Void({ description: "Done." }) },
        detail: { security: [], summary: "Sign out here" },
      },
    )
    .post(
      "/logout-everywhere",
      async ({ principal, cookie, set }) => {
        await identity.logoutEverywhere(principal);
        clearTokenCookies(cookie, secure);
        set.status = 204;
      },
      {
        signedIn: true,
        response: { 204: Type.Void({ description: "Done." }), 401: Problem },
        detail: { summary: "End all sessions" },
      },
    )
    .get(
      "/sessions",
      async ({ principal }) => ({
        items: (await identity.sessions(principal)).map((session) =>
          sessionBody(session, principal.sessionId),
        ),
      }),
      {
        signedIn: true,
        response: { 200: Type.Object({ items: Type.Array(SessionBody) }), 401: Problem },
        detail: { summary: "List the running sessions" },
      },
    )
    .delete(
      "/sessions/:id",
      async ({ principal, params, set }) => {
        await identity.endSession(principal, params.id);
        set.status = 204;
      },
      {
        signedIn: true,
        params: Type.Object({ id: Type.String({ format: "uuid" }) }),
        response: { 204: Type.Void({ description: "Done." }), 401: Problem, 404: Problem },
        detail: { summary: "End one session" },
      },
    );
};

/** Browsers send this header and let no script leave it out. */
const isBrowser = (request: Request): boolean => request.headers.has("sec-fetch-site");

/** A browser has the tokens in HttpOnly cookies: in the body, an injected script could carry them off. */
const tokensBody = (tokens: Tokens, hidden: boolean): TokensBody => ({
  user: userBody(tokens.user),
  accessToken: hidden ? null : tokens.accessToken,
  accessTokenExpiresAt: tokens.accessTokenExpiresAt.toISOString(),
  refreshToken: hidden ? null : tokens.refreshToken,
  refreshTokenExpiresAt: tokens.refreshTokenExpiresAt.toISOString(),
});

const sessionBody = (session: SessionInfo, currentId: string): SessionBody => ({
  ...session,
  current: session.id === currentId,
  createdAt: session.createdAt.toISOString(),
  lastUsedAt: session.lastUsedAt.toISOString(),
});
