import type { ApiConfig } from "../config.ts";
import type { Database } from "../db/index.ts";
import type { UserRole } from "../db/schema.ts";
import type { Keys } from "../keys.ts";
import type { Log } from "../log.ts";
import type { Outbox } from "../mail/outbox.ts";
import { openLocalIdentity } from "./local/local-identity.ts";
import { type HashCost, OWASP_COST } from "./local/passwords.ts";

/** Who makes a request. */
export type Principal = {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: UserRole;
};

export type User = {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: UserRole;
  readonly createdAt: Date;
};

/** What a login or a refresh gives. */
export type Tokens = {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  readonly refreshToken: string;
  readonly refreshTokenExpiresAt: Date;
  readonly user: User;
};

export type SessionInfo = {
  readonly id: string;
  readonly userAgent: string | null;
  readonly address: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
};

/** Where a request comes from; kept with the session so that people recognise it. */
export type ClientInfo = { readonly address: string; readonly userAgent: string | null };

/**
 * The identity port. Answers never tell whether an account exists: sign-up, resend and forgot
 * succeed for any address, and login fails alike for a wrong name and a wrong password.
 */
export type Identity = {
  /** Whether no account exists yet: the first to be confirmed becomes the administrator. */
  firstRun(): Promise<boolean>;
  /** @throws SluiceError `weak_password`, `sign_up_closed`, `invitation_required` */
  signUp(input: {
    email: string;
    name: string;
    password: string;
    invitation: string | null;
  }): Promise<void>;
  /**
   * Makes the account with the name and the password of the sign-up that this very code was sent for.
   * @throws SluiceError `invalid_code`, `too_many_codes`, `sign_up_closed`, `invitation_required`
   */
  confirmSignUp(input: { email: string; code: string }): Promise<void>;
  resendCode(input: { email: string }): Promise<void>;
  /** @throws SluiceError `invalid_credentials`, `account_not_confirmed` (only with the right password) */
  login(input: { email: string; password: string; client: ClientInfo }): Promise<Tokens>;
  /**
   * Gives a new refresh token, or, to a second request within a grace of 30 s, the same one again.
   * @throws SluiceError `session_ended`, `refresh_token_reused`
   */
  refresh(input: { refreshToken: string; client: ClientInfo }): Promise<Tokens>;
  /** Ends the session that the refresh token belongs to; an unknown token is fine. */
  logout(input: { refreshToken: string }): Promise<void>;
  logoutEverywhere(principal: Principal): Promise<void>;
  forgotPassword(input: { email: string }): Promise<void>;
  /** Ends all sessions. @throws SluiceError `invalid_code`, `too_many_codes`, `weak_password` */
  resetPassword(input: { email: string; code: string; password: string }): Promise<void>;
  /** Ends all other sessions. @throws SluiceError `invalid_credentials`, `weak_password` */
  changePassword(input: {
    principal: Principal;
    currentPassword: string;
    newPassword: string;
  }): Promise<void>;
  /** Checks signature and expiry without the database. @throws SluiceError `not_signed_in` */
  verifyAccessToken(token: string): Promise<Principal>;
  /** Whether the session still runs; asked on unsafe methods. @throws SluiceError `session_ended` */
  checkSession(principal: Principal): Promise<void>;
  /** @throws SluiceError `not_signed_in` when the account is gone */
  user(userId: string): Promise<User>;
  sessions(principal: Principal): Promise<SessionInfo[]>;
  /** Only one's own. @throws SluiceError `not_found` */
  endSession(principal: Principal, sessionId: string): Promise<void>;
  /** Asked before something that cannot be undone. @throws SluiceError `invalid_credentials` */
  confirmPassword(input: { principal: Principal; password: string }): Promise<void>;
  /** Removes the account's sign-in data and sessions; the caller removes its videos first. @throws SluiceError `invalid_credentials` */
  deleteAccount(input: { principal: Principal; password: string }): Promise<void>;
  /** An invitation token for the address, who gets it by mail, or for anyone with null. @throws SluiceError `not_allowed` unless an administrator asks */
  invite(principal: Principal, email: string | null): Promise<string>;
};

export type IdentityConfig = Pick<ApiConfig, "IDENTITY" | "SIGN_UP" | "SESSION_DAYS" | "publicUrl">;

/** What the adapters are made of. */
export type IdentityParts = {
  readonly database: Database;
  readonly keys: Keys;
  readonly outbox: Outbox;
  readonly log: Log;
  /** Default: the clock. */
  readonly now: () => Date;
  /** Default: OWASP's. Local accounts only. */
  readonly hashCost: HashCost;
};

type Defaults = "now" | "hashCost";

/** The adapter that `IDENTITY` names: `local`. */
export const openIdentity = (
  config: IdentityConfig,
  parts: Omit<IdentityParts, Defaults> & Partial<Pick<IdentityParts, Defaults>>,
): Identity => openLocalIdentity(config, { now: () => new Date(), hashCost: OWASP_COST, ...parts });
