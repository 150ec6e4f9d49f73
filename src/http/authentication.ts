import { type Cookie, Elysia } from "elysia";
import { SluiceError } from "../errors.ts";
import type { Identity, Principal } from "../identity/index.ts";

/** Sent to every address of the API; short-lived, because it is believed without asking the database. */
export const ACCESS_TOKEN_COOKIE = "access_token";

const BEARER = /^bearer +(\S+)$/i;
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

type Carrier = {
  readonly request: Request;
  readonly cookie: Record<string, Cookie<unknown>>;
};

/**
 * Plugin: tells routes who asks, by cookie (browsers) or `Authorization: Bearer` (everyone else).
 *
 * - `signedIn: true` gives the handler `principal: Principal`, or answers `not_signed_in`.
 * - `signedInOptional: true` gives `principal: Principal | null`. A worn-out cookie counts as nobody,
 *   so that public pages keep working; a bad bearer token is refused, because it was sent on purpose.
 *
 * Unsafe methods also ask the database whether the session still runs (`session_ended`): a stolen
 * access token changes nothing once its session was ended.
 */
export const authentication = (identity: Identity) =>
  new Elysia({ name: "authentication" }).macro({
    signedIn: {
      resolve: async ({ request, cookie }) => {
        const token = bearerToken(request) ?? cookieToken({ request, cookie });
        if (token === null) {
          throw new SluiceError("not_signed_in");
        }
        return { principal: await principalOf(identity, request, token) };
      },
    },
    signedInOptional: {
      resolve: async ({ request, cookie }): Promise<{ principal: Principal | null }> => {
        const bearer = bearerToken(request);
        if (bearer !== null) {
          return { principal: await principalOf(identity, request, bearer) };
        }
        const token = cookieToken({ request, cookie });
        const principal = token && (await principalOf(identity, request, token).catch(nobody));
        return { principal: principal || null };
      },
    },
  });

const principalOf = async (
  identity: Identity,
  request: Request,
  token: string,
): Promise<Principal> => {
  const principal = await identity.verifyAccessToken(token);
  if (!SAFE_METHODS.has(request.method)) {
    await identity.checkSession(principal);
  }
  return principal;
};

/** @throws SluiceError `not_signed_in` when there is an Authorization header of another kind */
const bearerToken = (request: Request): string | null => {
  const header = request.headers.get("authorization");
  if (header === null) {
    return null;
  }
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) {
    throw new SluiceError("not_signed_in");
  }
  return token;
};

const cookieToken = ({ cookie }: Carrier): string | null => {
  const value = cookie[ACCESS_TOKEN_COOKIE]?.value;
  return typeof value === "string" && value !== "" ? value : null;
};

const nobody = (thrown: unknown): null => {
  if (thrown instanceof SluiceError && thrown.fault === "caller") {
    return null;
  }
  throw thrown;
};
