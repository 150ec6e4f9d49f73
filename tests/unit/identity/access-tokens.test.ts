import { expect, test } from "bun:test";
import { SignJWT, UnsecuredJWT } from "jose";
import { createAccessTokens } from "../../../src/identity/access-tokens.ts";
import { errorCode } from "../../fixtures/error-code.ts";

const key = new Uint8Array(32).fill(7);
const audience = "https://video.example.org";
const tokens = createAccessTokens({ key, audience, now: () => new Date() });
const claims = { sid: "session", role: "user" };

/** As ours are signed, but for what a case changes. */
const signed = (change: {
  alg?: string;
  typ?: string;
  issuer?: string;
  audience?: string;
  role?: string;
  key?: Uint8Array;
}) =>
  new SignJWT({ ...claims, role: change.role ?? "user" })
    .setProtectedHeader({ alg: change.alg ?? "HS256", typ: change.typ ?? "at+jwt" })
    .setSubject("user")
    .setIssuer(change.issuer ?? "sluice")
    .setAudience(change.audience ?? audience)
    .setExpirationTime("5m")
    .sign(change.key ?? key);

test("what was signed comes back", async () => {
  const principal = { userId: "user", sessionId: "session", role: "admin" } as const;
  const { token } = await tokens.sign(principal);
  expect(await tokens.verify(token)).toEqual(principal);
  expect(await tokens.verify(await signed({}))).toMatchObject({ userId: "user", role: "user" });
});

test("another algorithm, type, issuer, audience, role or key is refused", async () => {
  const forged = [
    await signed({ alg: "HS512", key: new Uint8Array(64).fill(7) }),
    await signed({ typ: "JWT" }),
    await signed({ issuer: "elsewhere" }),
    await signed({ audience: "https://other.example.org" }),
    await signed({ role: "root" }),
    await signed({ key: new Uint8Array(32).fill(8) }),
  ];
  for (const token of forged) {
    expect(await errorCode(tokens.verify(token))).toBe("not_signed_in");
  }
});

test("an unsigned token is refused, and so is a changed or a broken one", async () => {
  const unsigned = new UnsecuredJWT({ ...claims, typ: "at+jwt" })
    .setSubject("user")
    .setIssuer("sluice")
    .setAudience(audience)
    .setExpirationTime("5m")
    .encode();
  const good = await signed({});
  const [head, body, signature] = good.split(".");
  const admin = Buffer.from(JSON.stringify({ ...claims, role: "admin" })).toString("base64url");
  for (const token of [unsigned, `${head}.${admin}.${signature}`, `${head}.${body}.`, "", "x"]) {
    expect(await errorCode(tokens.verify(token))).toBe("not_signed_in");
  }
});
