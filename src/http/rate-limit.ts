import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { SluiceError } from "../errors.ts";
import { network } from "./client-address.ts";

const HOUR = 3600;
const DAY = 86_400;

type Limit = { readonly attempts: number; readonly seconds: number };

/**
 * What is limited together: login guesses passwords, `challenge` the codes of an authenticator app,
 * `mail` sends mails, `code` guesses codes.
 */
export type LimitedAction = "login" | "challenge" | "mail" | "code" | "password" | "refresh";

/**
 * - `address`: all attempts from one network; generous, since many people may share one.
 * - `pair`: attempts from one network on one account.
 * - `account`: attempts on one account from anywhere.
 *
 * OWASP Authentication Cheat Sheet, "Login Throttling". A stranger elsewhere cannot use up an owner's
 * `pair`, and the limits by `account` are so wide, or (for mails) so harmless, that they lock nobody
 * out: 15 mails a day with 5 tries each let a stranger guess one of a million codes once in 18 years.
 */
const limits: Record<LimitedAction, Partial<Record<"address" | "pair" | "account", Limit[]>>> = {
  login: {
    address: [{ attempts: 100, seconds: HOUR / 4 }],
    pair: [{ attempts: 10, seconds: HOUR / 4 }],
    account: [{ attempts: 200, seconds: HOUR }],
  },
  // Its "account" is the challenge, of which every login makes one: five guesses at a code each.
  challenge: {
    address: [{ attempts: 100, seconds: HOUR / 4 }],
    account: [{ attempts: 5, seconds: HOUR / 4 }],
  },
  mail: {
    address: [{ attempts: 40, seconds: HOUR }],
    account: [
      { attempts: 5, seconds: HOUR },
      { attempts: 15, seconds: DAY },
    ],
  },
  code: {
    address: [{ attempts: 100, seconds: HOUR }],
    account: [{ attempts: 60, seconds: HOUR }],
  },
  password: { account: [{ attempts: 10, seconds: HOUR / 4 }] },
  refresh: { address: [{ attempts: 600, seconds: HOUR / 4 }] },
};

export type RateLimits = {
  /**
   * Counts one attempt.
   * @param who.account e-mail address or user id, as sent: it is counted whether it exists or not
   * @throws SluiceError `rate_limited` with `details.retryAfterSeconds`
   */
  count(action: LimitedAction, who: { address: string; account?: string }): Promise<void>;
};

/** Counts in this process: several api processes allow that many times more. */
export const createRateLimits = (): RateLimits => {
  const limiters = Object.entries(limits).flatMap(([action, byScope]) =>
    Object.entries(byScope).flatMap(([scope, windows]) =>
      windows.map(({ attempts, seconds }) => ({
        action,
        scope,
        limiter: new RateLimiterMemory({ points: attempts, duration: seconds }),
      })),
    ),
  );
  return {
    count: async (action, { address, account }) => {
      const keys: Record<string, string | undefined> = {
        address: network(address),
        account: account && accountKey(account),
        pair: account && `${network(address)} ${accountKey(account)}`,
      };
      for (const { scope, limiter } of limiters.filter((one) => one.action === action)) {
        const key = keys[scope];
        if (key !== undefined) {
          await limiter.consume(key).catch(refuse);
        }
      }
    },
  };
};

const accountKey = (account: string): string => account.trim().normalize("NFC").toLowerCase();

const refuse = (reason: unknown): never => {
  if (reason instanceof RateLimiterRes) {
    throw new SluiceError("rate_limited", {
      details: { retryAfterSeconds: Math.max(1, Math.ceil(reason.msBeforeNext / 1000)) },
    });
  }
  throw reason;
};
