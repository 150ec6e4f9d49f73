/**
 * Where to go after signing in: `next`, but only to a path of this page, so that a link cannot send
 * people elsewhere (`//host`, `/\host` and schemes are refused).
 */
export const safeReturnPath = (next: string | undefined): string =>
  next !== undefined && /^\/(?![/\\])/.test(next) && !/[\t\r\n]/.test(next) ? next : "/";

/** The sign-in address that leads back to `path`. */
export const signInPath = (path: string): string =>
  path === "/" ? "/login" : `/login?next=${encodeURIComponent(path)}`;
