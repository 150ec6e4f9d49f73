import { Elysia } from "elysia";
import { version } from "../version.ts";
import { PublicConfig } from "./schemas.ts";

export type PublicConfigContext = {
  readonly signUp: "open" | "invitation" | "closed";
  readonly maxUploadBytes: number;
  readonly mail: "smtp" | "console";
  /** Whether accounts can have an authenticator app as a second factor. */
  readonly totp: boolean;
  /** Whether nobody has an account yet. */
  readonly firstRun: () => Promise<boolean>;
};

/** What the page needs to know before anyone is signed in. */
export const publicConfigRoutes = ({
  signUp,
  maxUploadBytes,
  mail,
  totp,
  firstRun,
}: PublicConfigContext) => {
  // Once true it stays true for the life of the process: no query per page view.
  let anyAccount = false;
  return new Elysia({ name: "public-config", detail: { tags: ["Accounts"] } }).get(
    "/config",
    async () => {
      anyAccount ||= !(await firstRun());
      return { signUp, firstRun: !anyAccount, maxUploadBytes, mail, totp, version };
    },
    {
      detail: { summary: "What this server offers", security: [] },
      response: { 200: PublicConfig },
    },
  );
};
