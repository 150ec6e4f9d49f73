import { Elysia } from "elysia";
import { SluiceError } from "../errors.ts";
import { refuseLongBody } from "./json-body.ts";
import { PART_UPLOAD_PREFIX } from "./part-upload.ts";

/** Other origins that the page speaks to; null where that is the api itself. */
export type OtherOrigins = {
  /** Takes the parts of uploads. */
  readonly upload: string | null;
  /** Delivers posters, manifests and segments. */
  readonly media: string | null;
};

const NO_OTHERS: OtherOrigins = { upload: null, media: null };

/** The page loads nothing else from elsewhere; Shaka Player plays from blobs and sets styles on its elements. */
export const contentSecurityPolicy = ({ upload, media }: OtherOrigins = NO_OTHERS): string =>
  [
    "default-src 'self'",
    ["img-src 'self' blob: data:", media],
    ["media-src 'self' blob:", media],
    "style-src 'self' 'unsafe-inline'",
    "worker-src 'self' blob:",
    ["connect-src 'self'", upload, media],
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]
    .map((directive) =>
      [directive]
        .flat()
        .filter((part) => part !== null)
        .join(" "),
    )
    .join("; ");

/** On every answer; OWASP Secure Headers. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  // Answers belong to one person; routes that know better say so.
  "cache-control": "no-store",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
};

/** A year, as the HSTS preload list asks; only where the public address is https. */
const STRICT_TRANSPORT_SECURITY = "max-age=31536000";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses unsafe requests that a browser makes on behalf of another site. Requests without our
 * cookies pass: they carry no authority that another site could borrow (OWASP CSRF cheat sheet,
 * "Fetch Metadata" with Origin as the fallback).
 * @throws SluiceError `cross_site_request`
 */
export const refuseCrossSite = (request: Request, publicOrigin: string): void => {
  if (SAFE_METHODS.has(request.method) || !carriesOurCookie(request)) {
    return;
  }
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) {
    if (site === "same-origin" || site === "none") {
      return;
    }
    throw new SluiceError("cross_site_request");
  }
  const origin = request.headers.get("origin");
  if (origin === null || origin === publicOrigin || origin === ownOrigin(request)) {
    return;
  }
  throw new SluiceError("cross_site_request");
};

const carriesOurCookie = (request: Request): boolean =>
  /(^|;\s*)(access|refresh)_token=/.test(request.headers.get("cookie") ?? "");

const ownOrigin = (request: Request): string => new URL(request.url).origin;

/** Parts of uploads are long; their receiver checks them against their signatures. Subtitle files have a limit of their own. */
const takesFile = (request: Request): boolean => {
  const { pathname } = new URL(request.url);
  return (
    pathname.startsWith(PART_UPLOAD_PREFIX) ||
    (request.method === "POST" && /^\/videos\/[^/]+\/tracks\/?$/.test(pathname))
  );
};

/** Plugin: security headers on every answer, and the checks of a request before anything else happens. */
export const security = (publicUrl: string, others: OtherOrigins = NO_OTHERS) => {
  const publicOrigin = new URL(publicUrl).origin;
  const headers = {
    ...securityHeaders,
    "content-security-policy": contentSecurityPolicy(others),
    ...(publicUrl.startsWith("https:") && {
      "strict-transport-security": STRICT_TRANSPORT_SECURITY,
    }),
  };
  return new Elysia({ name: "security" }).onRequest(({ request, set }) => {
    Object.assign(set.headers, headers);
    refuseCrossSite(request, publicOrigin);
    if (!takesFile(request)) {
      refuseLongBody(request);
    }
  });
};
