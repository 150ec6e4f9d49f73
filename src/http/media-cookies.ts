import type { MediaCredentials } from "./media-address.ts";
import type { CookieJar } from "./session-cookies.ts";

/**
 * Sets what opens one presentation's media on the host that delivers them. The path is that
 * presentation's, so that the cookies of several stand side by side. `Lax` is enough: the page and
 * the media are one site.
 */
export const setMediaCookies = (
  jar: CookieJar,
  { cookies, domain, path, secure }: MediaCredentials,
  expiresAt: Date,
): void => {
  for (const [name, value] of Object.entries(cookies)) {
    jar[name]?.set({
      value,
      domain,
      path,
      secure,
      httpOnly: true,
      sameSite: "lax",
      expires: expiresAt,
    });
  }
};
