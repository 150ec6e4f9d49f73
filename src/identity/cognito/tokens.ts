import type { AuthenticationResultType } from "@aws-sdk/client-cognito-identity-provider";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { CognitoJwtVerifier } from "aws-jwt-verify";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { SluiceError } from "../../errors.ts";
import type { Sealing } from "./sealing.ts";

/** What a session keeps of Cognito, sealed in its row. */
export const CognitoTokens = Type.Object({
  refreshToken: Type.String(),
  accessToken: Type.String(),
  /** Milliseconds since the epoch. */
  accessTokenExpiresAtMs: Type.Number(),
});
export type CognitoTokens = Static<typeof CognitoTokens>;

/** Whom Cognito's tokens speak of. */
export type CognitoClaims = {
  readonly sub: string;
  /** The pool's own name for the user; with addresses as aliases it is the sub. */
  readonly username: string;
  readonly originJti: string | null;
};

export type CheckedTokens = { readonly tokens: CognitoTokens; readonly claims: CognitoClaims };

/**
 * Checks tokens that Cognito just gave, though they came straight from it: signature against the
 * pool's keys, issuer, client, use and expiry.
 */
export type TokenCheck = {
  /** @throws SluiceError `identity_unavailable` when they are not what Cognito must give */
  check(result: AuthenticationResultType, refreshToken?: string): Promise<CheckedTokens>;
  /** Fetches the pool's keys ahead of the first login. */
  warmUp(): Promise<void>;
};

export const createTokenCheck = (options: {
  userPoolId: string;
  clientId: string;
  /** An emulator's; null for AWS. */
  endpoint: string | null;
}): TokenCheck => {
  const { userPoolId, clientId, endpoint } = options;
  const cache = endpoint?.startsWith("http:") ? { jwksCache: emulatorKeys(endpoint) } : undefined;
  const access = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: "access" }, cache);
  const id = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: "id" }, cache);

  return {
    check: async (result, refreshToken = result.RefreshToken) => {
      try {
        const { AccessToken: accessToken = "", IdToken: idToken = "" } = result;
        const [claims, person] = await Promise.all([
          access.verify(accessToken),
          id.verify(idToken),
        ]);
        if (claims.sub !== person.sub || refreshToken === undefined) {
          throw new Error("access token and ID token are of two people, or a token is missing");
        }
        return {
          tokens: { refreshToken, accessToken, accessTokenExpiresAtMs: claims.exp * 1000 },
          claims: {
            sub: claims.sub,
            username: claims.username,
            originJti: text(claims.origin_jti),
          },
        };
      } catch (cause) {
        throw new SluiceError("identity_unavailable", { cause });
      }
    },
    warmUp: () => access.hydrate(),
  };
};

const text = (claim: unknown): string | null =>
  typeof claim === "string" && claim !== "" ? claim : null;

/**
 * The verifier fetches keys over https alone, and an emulator serves http. It also signs as AWS
 * would, so the issuer (and all that is checked) stays AWS's; only the keys come from elsewhere.
 */
const emulatorKeys = (endpoint: string): SimpleJwksCache =>
  new SimpleJwksCache({
    fetcher: {
      fetch: async (uri) => {
        const response = await fetch(new URL(new URL(uri).pathname, endpoint));
        return await response.arrayBuffer();
      },
    },
  });

/** Null when it was sealed with another secret. */
export const openTokens = async (
  sealing: Sealing,
  sealed: string | null,
): Promise<CognitoTokens | null> => {
  const value = sealed === null ? null : await sealing.open(sealed);
  return Value.Check(CognitoTokens, value) ? value : null;
};
