import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { SluiceError } from "../errors.ts";
import type { Identity, Totp } from "../identity/index.ts";
import type { AuthParts } from "./auth.ts";
import { authentication } from "./authentication.ts";
import { clientAddress } from "./client-address.ts";
import { CodeRequest, PasswordRequest, Problem, TotpBody, TotpSetupBody } from "./schemas.ts";

const Done = Type.Void({ description: "Done." });

/** An authenticator app as second factor of one's own account; `totp_unavailable` where accounts have none. */
export const totpRoutes = ({ identity, rateLimits, trustProxy }: AuthParts) =>
  new Elysia({ name: "auth-totp" })
    .use(authentication(identity))
    .derive(({ request, server }) => ({ address: clientAddress(request, server, trustProxy) }))
    .get("/totp", async ({ principal }) => ({ enabled: await of(identity).enabled(principal) }), {
      signedIn: true,
      response: { 200: TotpBody, 401: Problem, 409: Problem },
      detail: { summary: "Whether an authenticator app is set up" },
    })
    .post(
      "/totp",
      async ({ principal, address, set }) => {
        await rateLimits.count("password", { address, account: principal.userId });
        const setup = await of(identity).begin(principal);
        set.status = 201;
        return setup;
      },
      {
        signedIn: true,
        response: { 201: TotpSetupBody, 401: Problem, 409: Problem, 429: Problem },
        detail: {
          summary: "Begin to set up an authenticator app",
          description: "Nothing changes until a code of it was confirmed.",
        },
      },
    )
    .post(
      "/totp/confirm",
      async ({ principal, body, address, set }) => {
        await rateLimits.count("code", { address, account: principal.userId });
        await of(identity).confirm({ principal, code: body.code });
        set.status = 204;
      },
      {
        signedIn: true,
        body: CodeRequest,
        response: { 204: Done, 400: Problem, 401: Problem, 409: Problem, 429: Problem },
        detail: {
          summary: "Turn the authenticator app on with a code of it",
          description: "From then on each sign-in asks for a code.",
        },
      },
    )
    .delete(
      "/totp",
      async ({ principal, body, address, set }) => {
        await rateLimits.count("password", { address, account: principal.userId });
        await of(identity).turnOff({ principal, password: body.password });
        set.status = 204;
      },
      {
        signedIn: true,
        body: PasswordRequest,
        response: { 204: Done, 401: Problem, 409: Problem, 429: Problem },
        detail: { summary: "Turn the authenticator app off" },
      },
    );

const of = (identity: Identity): Totp => {
  if (identity.totp === null) {
    throw new SluiceError("totp_unavailable");
  }
  return identity.totp;
};
