import { jwtVerify, SignJWT } from "jose";
import { userRoles } from "../db/schema.ts";
import { SluiceError } from "../errors.ts";
import type { Principal } from "./index.ts";

/** Short, because it is believed without asking the database. */
export const ACCESS_TOKEN_SECONDS = 600;

const ALGORITHM = "HS256";
/** RFC 9068: a token made for another purpose under the same key is not taken for this one. */
const TYPE = "at+jwt";
const ISSUER = "sluice";

export type AccessTokens = {
  sign(principal: Principal): Promise<{ token: string; expiresAt: Date }>;
  /** @throws SluiceError `not_signed_in` */
  verify(token: string): Promise<Principal>;
};

/** JWTs under one key of ours; the algorithm is pinned, whatever a token's header says. */
export const createAccessTokens = (options: {
  key: Uint8Array;
  /** The server's public address. */
  audience: string;
  now: () => Date;
}): AccessTokens => ({
  sign: async ({ userId, sessionId, role }) => {
    const issuedAt = Math.floor(options.now().getTime() / 1000);
    const expiresAt = issuedAt + ACCESS_TOKEN_SECONDS;
    const token = await new SignJWT({ sid: sessionId, role })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setSubject(userId)
      .setIssuer(ISSUER)
      .setAudience(options.audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(options.key);
    return { token, expiresAt: new Date(expiresAt * 1000) };
  },
  verify: async (token) => {
    const payload = await verifiedPayload(token, options);
    const { sub, sid } = payload;
    const role = userRoles.find((known) => known === payload.role);
    if (sub === undefined || typeof sid !== "string" || role === undefined) {
      throw new SluiceError("not_signed_in");
    }
    return { userId: sub, sessionId: sid, role };
  },
});

const verifiedPayload = async (
  token: string,
  { key, audience, now }: { key: Uint8Array; audience: string; now: () => Date },
) => {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: ISSUER,
      audience,
      requiredClaims: ["sub", "sid", "role", "exp"],
      currentDate: now(),
    });
    return payload;
  } catch (cause) {
    throw new SluiceError("not_signed_in", { cause });
  }
};
