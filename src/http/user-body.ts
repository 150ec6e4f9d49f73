import type { User } from "../identity/index.ts";
import type { UserBody } from "./schemas.ts";

/** A user as the API shows them to themselves. */
export const userBody = (user: User): UserBody => ({
  ...user,
  createdAt: user.createdAt.toISOString(),
});
