import { Elysia } from "elysia";
import type { Identity } from "../identity/index.ts";
import { accountRoutes } from "./account.ts";
import { jsonBodies } from "./json-body.ts";
import type { RateLimits } from "./rate-limit.ts";
import { sessionRoutes } from "./sessions.ts";
import { signUpRoutes } from "./sign-up.ts";
import { totpRoutes } from "./totp.ts";

export type AuthParts = {
  readonly identity: Identity;
  readonly rateLimits: RateLimits;
  /** Base URL; https makes the cookies Secure. */
  readonly publicUrl: string;
  /** Reverse proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxy: number;
  /** Stops the person's jobs and removes every object and row of theirs, before the account goes. */
  readonly removeAllVideos: (userId: string) => Promise<void>;
};

/** Everything about accounts: `/auth/*`. */
export const authRoutes = (parts: AuthParts) =>
  new Elysia({ name: "auth", prefix: "/auth", detail: { tags: ["Accounts"] } })
    .guard(jsonBodies)
    .use(signUpRoutes(parts))
    .use(sessionRoutes(parts))
    .use(accountRoutes(parts))
    .use(totpRoutes(parts));
