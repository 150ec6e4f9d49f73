import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { invitationUrl } from "../identity/invitation-url.ts";
import type { AuthParts } from "./auth.ts";
import { authentication } from "./authentication.ts";
import { clientAddress } from "./client-address.ts";
import {
  ChangePasswordRequest,
  DeleteAccountRequest,
  InvitationBody,
  InvitationRequest,
  Problem,
  UserBody,
} from "./schemas.ts";
import { clearTokenCookies } from "./session-cookies.ts";
import { userBody } from "./user-body.ts";

/** One's own account, and invitations to make one. */
export const accountRoutes = (parts: AuthParts) => {
  const { identity, rateLimits, publicUrl, trustProxy, removeAllVideos } = parts;
  return new Elysia({ name: "auth-account" })
    .use(authentication(identity))
    .derive(({ request, server }) => ({ address: clientAddress(request, server, trustProxy) }))
    .get("/me", async ({ principal }) => userBody(await identity.user(principal.userId)), {
      signedIn: true,
      response: { 200: UserBody, 401: Problem },
      detail: { summary: "Who is signed in" },
    })
    .delete(
      "/me",
      async ({ principal, body, address, cookie, set }) => {
        await rateLimits.count("password", { address, account: principal.userId });
        await identity.deleteAccount({
          principal,
          password: body.password,
          removeContents: () => removeAllVideos(principal.userId),
        });
        clearTokenCookies(cookie, publicUrl.startsWith("https:"));
        set.status = 204;
      },
      {
        signedIn: true,
        body: DeleteAccountRequest,
        response: { 204: Type.Void({ description: "Done." }), 401: Problem, 429: Problem },
        detail: { summary: "Delete the account with all its videos" },
      },
    )
    .post(
      "/change-password",
      async ({ principal, body, address, set }) => {
        await rateLimits.count("password", { address, account: principal.userId });
        await identity.changePassword({ principal, ...body });
        set.status = 204;
      },
      {
        signedIn: true,
        body: ChangePasswordRequest,
        response: {
          204: Type.Void({ description: "Done." }),
          401: Problem,
          422: Problem,
          429: Problem,
        },
        detail: { summary: "Change the password", description: "Ends all other sessions." },
      },
    )
    .post(
      "/invitations",
      async ({ principal, body, set }) => {
        const invitation = await identity.invite(principal, body.email ?? null);
        set.status = 201;
        return { invitation, url: invitationUrl(publicUrl, invitation) };
      },
      {
        signedIn: true,
        body: InvitationRequest,
        response: { 201: InvitationBody, 401: Problem, 403: Problem, 422: Problem },
        detail: {
          summary: "Invite somebody",
          description: "For administrators. With an address, the link is also sent there.",
        },
      },
    );
};
