import type { Cookie } from "elysia";
import type { Tokens } from "../identity/index.ts";
import { ACCESS_TOKEN_COOKIE } from "./authentication.ts";

/** Sent to `/auth` alone, and never along with a request that another site started. */
export const REFRESH_TOKEN_COOKIE = "refresh_token";

export type CookieJar = Record<string, Cookie<unknown>>;

/** No Domain attribute: other hosts under the same domain never get them. */
const attributes = (secure: boolean) => ({
  access: { httpOnly: true, secure, sameSite: "lax", path: "/" } as const,
  refresh: { httpOnly: true, secure, sameSite: "strict", path: "/auth" } as const,
});

const secondsUntil = (time: Date): number =>
  Math.max(0, Math.floor((time.getTime() - Date.now()) / 1000));

export const setTokenCookies = (jar: CookieJar, tokens: Tokens, secure: boolean): void => {
  const { access, refresh } = attributes(secure);
  jar[ACCESS_TOKEN_COOKIE]?.set({
    ...access,
    value: tokens.accessToken,
    maxAge: secondsUntil(tokens.accessTokenExpiresAt),
  });
  jar[REFRESH_TOKEN_COOKIE]?.set({
    ...refresh,
    value: tokens.refreshToken,
    maxAge: secondsUntil(tokens.refreshTokenExpiresAt),
  });
};

export const clearTokenCookies = (jar: CookieJar, secure: boolean): void => {
  const { access, refresh } = attributes(secure);
  jar[ACCESS_TOKEN_COOKIE]?.set({ ...access, value: "", maxAge: 0 });
  jar[REFRESH_TOKEN_COOKIE]?.set({ ...refresh, value: "", maxAge: 0 });
};

export const refreshTokenIn = (jar: CookieJar): string | null => {
  const value = jar[REFRESH_TOKEN_COOKIE]?.value;
  return typeof value === "string" && value !== "" ? value : null;
};
