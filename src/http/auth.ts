import { Elysia } from "elysia";
import { SluiceError } from "../errors.ts";
import type { Identity } from "../identity/index.ts";
import { accountRoutes } from "./account.ts";
import type { RateLimits } from "./rate-limit.ts";
import { sessionRoutes } from "./sessions.ts";
import { signUpRoutes } from "./sign-up.ts";

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
    .onTransform({ as: "scoped" }, ({ request, set }) => {
      set.headers["cache-control"] = "no-store";
      refuseForms(request);
    })
    .use(signUpRoutes(parts))
    .use(sessionRoutes(parts))
    .use(accountRoutes(parts));

/**
 * Another site can make a browser post a form, but not JSON without asking us first: otherwise it
 * could sign people in to an account of its own ("login CSRF").
 * @throws SluiceError `malformed_body`
 */
const refuseForms = (request: Request): void => {
  const type = request.headers.get("content-type");
  if (type !== null && !/^application\/json\s*(;|$)/i.test(type)) {
    throw new SluiceError("malformed_body", { message: "Send the body as application/json." });
  }
};
