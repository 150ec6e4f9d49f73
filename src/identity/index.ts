import type { ApiConfig } from "../config.ts";
import type { Database } from "../db/index.ts";
import type { UserRole } from "../db/schema.ts";
import type { Keys } from "../keys.ts";
import type { Log } from "../log.ts";
import type { Outbox } from "../mail/outbox.ts";
import type { ChallengeName } from "./challenge-names.ts";
import { openCognitoIdentity } from "./cognito/cognito-identity.ts";
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

/** What an authenticator app is set up with. */
export type TotpSetup = {
  /** Base32, for typing. */
  readonly secret: string;
  /** The same as a `otpauth:` address, for a QR code. */
  readonly uri: string;
};

export type Challenge = {
  readonly name: ChallengeName;
  /** To be sent back with the answer: sealed, and worthless after `expiresAt` or once it was answered. */
  readonly token: string;
  readonly expiresAt: Date;
  /** `totp_setup` alone: what to enter into the app whose code is the answer. */
  readonly setup: TotpSetup | null;
  /** Whether a `new_password` must come with a name, because the account has none yet. */
  readonly needsName: boolean;
};

/** `new_password` takes `newPassword` (and `name` where needed), the others take `code`. */
export type ChallengeAnswer = {
  readonly newPassword?: string | undefined;
  readonly name?: string | undefined;
  readonly code?: string | undefined;
};

/** A login either gives tokens or asks for another step. */
export type SignIn =
  | { readonly kind: "signed-in"; readonly tokens: Tokens }
  | { readonly kind: "challenge"; readonly challenge: Challenge };

/** Codes of an authenticator app (RFC 6238) as a second factor of one's own account. */
export type Totp = {
  enabled(principal: Principal): Promise<boolean>;
  /** A new secret; nothing changes until a code of it was confirmed. @throws SluiceError `totp_unavailable` */
  begin(principal: Principal): Promise<TotpSetup>;
  /** From now on each sign-in asks for a code. @throws SluiceError `invalid_code` */
  confirm(input: { principal: Principal; code: string }): Promise<void>;
  /** @throws SluiceError `invalid_credentials` */
  turnOff(input: { principal: Principal; password: string }): Promise<void>;
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
  /** @throws SluiceError `invalid_credentials`, `account_not_confirmed` (only with the right password), `challenge_unsupported` */
  login(input: { email: string; password: string; client: ClientInfo }): Promise<SignIn>;
  /**
   * The answer to what `login` asked for. After `invalid_code` and `weak_password` the same challenge can be answered again.
   * @throws SluiceError `challenge_not_pending`, `invalid_code`, `weak_password`
   */
  answerChallenge(input: {
    token: string;
    answer: ChallengeAnswer;
    client: ClientInfo;
  }): Promise<SignIn>;
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
  /**
   * Checks the password, ends all sessions, lets `removeContents` remove what the person has, then
   * removes the account. Can be repeated when it failed half-way.
   * @throws SluiceError `invalid_credentials`, before anything was touched
   */
  deleteAccount(input: {
    principal: Principal;
    password: string;
    removeContents: () => Promise<void>;
  }): Promise<void>;
  /** An invitation token for the address, who gets it by mail, or for anyone with null. @throws SluiceError `not_allowed` unless an administrator asks */
  invite(principal: Principal, email: string | null): Promise<string>;
  /** Null where accounts have no such second factor. */
  readonly totp: Totp | null;
};

export type IdentityConfig = Pick<
  ApiConfig,
  | "IDENTITY"
  | "SIGN_UP"
  | "SESSION_DAYS"
  | "publicUrl"
  | "COGNITO_USER_POOL_ID"
  | "COGNITO_CLIENT_ID"
  | "COGNITO_CLIENT_SECRET"
  | "COGNITO_ADMIN_AUTH"
  | "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"
>;

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

/**
 * The adapter that `IDENTITY` names: `local` or `cognito`.
 * @throws SluiceError `identity_misconfigured` when Cognito answers that pool and client cannot work
 */
export const openIdentity = async (
  config: IdentityConfig,
  parts: Omit<IdentityParts, Defaults> & Partial<Pick<IdentityParts, Defaults>>,
): Promise<Identity> => {
  const complete = { now: () => new Date(), hashCost: OWASP_COST, ...parts };
  return config.IDENTITY === "cognito"
    ? await openCognitoIdentity(config, complete)
    : openLocalIdentity(config, complete);
};
