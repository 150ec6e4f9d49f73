import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { AuthParts } from "./auth.ts";
import { clientAddress } from "./client-address.ts";
import {
  ConfirmRequest,
  EmailRequest,
  Problem,
  ResetPasswordRequest,
  SignUpRequest,
} from "./schemas.ts";

const Done = Type.Void({ description: "Done; the answer is the same for any address." });

/** Sign-up, codes by mail and forgotten passwords: what people do who are not signed in. */
export const signUpRoutes = ({ identity, rateLimits, trustProxy }: AuthParts) =>
  new Elysia({ name: "auth-sign-up" })
    .derive(({ request, server }) => ({ address: clientAddress(request, server, trustProxy) }))
    .post(
      "/signup",
      async ({ body, address, set }) => {
        await rateLimits.count("mail", { address, account: body.email });
        await identity.signUp({ ...body, invitation: body.invitation ?? null });
        set.status = 202;
      },
      {
        body: SignUpRequest,
        response: { 202: Done, 403: Problem, 422: Problem, 429: Problem },
        detail: {
          security: [],
          summary: "Sign up",
          description:
            "Sends a six-digit code to the address. The answer is the same when it has an account already; its owner is told by mail.",
        },
      },
    )
    .post(
      "/confirm-signup",
      async ({ body, address, set }) => {
        await rateLimits.count("code", { address, account: body.email });
        await identity.confirmSignUp(body);
        set.status = 204;
      },
      {
        body: ConfirmRequest,
        response: {
          204: Type.Void({ description: "Done." }),
          400: Problem,
          403: Problem,
          429: Problem,
        },
        detail: { security: [], summary: "Make the account with the code from the mail" },
      },
    )
    .post(
      "/resend-code",
      async ({ body, address, set }) => {
        await rateLimits.count("mail", { address, account: body.email });
        await identity.resendCode(body);
        set.status = 202;
      },
      {
        body: EmailRequest,
        response: { 202: Done, 422: Problem, 429: Problem },
        detail: { security: [], summary: "Send another sign-up code" },
      },
    )
    .post(
      "/forgot-password",
      async ({ body, address, set }) => {
        await rateLimits.count("mail", { address, account: body.email });
        await identity.forgotPassword(body);
        set.status = 202;
      },
      {
        body: EmailRequest,
        response: { 202: Done, 422: Problem, 429: Problem },
        detail: { security: [], summary: "Send a code to set a new password with" },
      },
    )
    .post(
      "/reset-password",
      async ({ body, address, set }) => {
        await rateLimits.count("code", { address, account: body.email });
        await identity.resetPassword(body);
        set.status = 204;
      },
      {
        body: ResetPasswordRequest,
        response: {
          204: Type.Void({ description: "Done." }),
          400: Problem,
          422: Problem,
          429: Problem,
        },
        detail: {
          security: [],
          summary: "Set a new password with the code from the mail",
          description: "Ends all sessions.",
        },
      },
    );
