import { createHmac } from "node:crypto";
import {
  AdminInitiateAuthCommand,
  AdminRespondToAuthChallengeCommand,
  AdminUserGlobalSignOutCommand,
  AssociateSoftwareTokenCommand,
  type AuthenticationResultType,
  ChangePasswordCommand,
  CognitoIdentityProviderClient,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  DeleteUserCommand,
  DescribeUserPoolClientCommand,
  ForgotPasswordCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  RespondToAuthChallengeCommand,
  RevokeTokenCommand,
  SetUserMFAPreferenceCommand,
  SignUpCommand,
  VerifySoftwareTokenCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { SluiceError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { ClientInfo } from "../index.ts";
import { type CognitoOperation, fromCognito } from "./exceptions.ts";

export type CognitoSettings = {
  /** Its region is the part before the underscore. */
  readonly userPoolId: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly adminAuth: boolean;
  /** An emulator's; null for AWS. */
  readonly endpoint: string | null;
  /** Of this server, for Cognito's threat protection. */
  readonly publicUrl: string;
};

/** Tokens, or the next step. */
export type AuthAnswer =
  | { readonly kind: "tokens"; readonly result: AuthenticationResultType }
  | {
      readonly kind: "challenge";
      readonly name: string;
      readonly session: string;
      readonly parameters: Readonly<Record<string, string>>;
    };

/** Connecting is quick or hopeless; an answer may wait for a Lambda trigger (5 s) or a mail. */
const CONNECT_MS = 3_000;
export const ANSWER_MS = 10_000;

export type CognitoApi = ReturnType<typeof createCognitoApi>;

/** The calls that we make of Cognito, in our words; each throws SluiceError by the table of `exceptions.ts`. */
export const createCognitoApi = (settings: CognitoSettings, log: Log) => {
  const { userPoolId, clientId, clientSecret, adminAuth, endpoint } = settings;
  const client = new CognitoIdentityProviderClient({
    region: userPoolId.split("_")[0] ?? "",
    ...(endpoint === null ? {} : { endpoint }),
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS },
  });
  const ClientId = clientId;
  const UserPoolId = userPoolId;

  /** Base64 of HMAC-SHA256 over user name and client id under the client's secret. */
  const secretHash = (username: string): string | undefined =>
    clientSecret === null
      ? undefined
      : createHmac("sha256", clientSecret).update(username).update(clientId).digest("base64");

  /** `AuthParameters` and `ChallengeResponses` carry it under another name than the others. */
  const withHash = (username: string, values: Record<string, string>): Record<string, string> => {
    const SECRET_HASH = secretHash(username);
    return SECRET_HASH === undefined ? values : { ...values, SECRET_HASH };
  };

  /** @returns null where the failure must not show */
  const attempt = async <T>(operation: CognitoOperation, send: () => Promise<T>) => {
    try {
      return await send();
    } catch (thrown) {
      const error = fromCognito(operation, thrown);
      if (error === null || error.fault === "platform") {
        const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
        log.warn({ operation, exception: name, reason: message }, "Cognito refused");
      }
      if (error === null) {
        return null;
      }
      throw error;
    }
  };

  const must = async <T>(operation: CognitoOperation, send: () => Promise<T>): Promise<T> => {
    const answer = await attempt(operation, send);
    if (answer === null) {
      throw new SluiceError("identity_unavailable");
    }
    return answer;
  };

  /** What threat protection judges by; only the admin flow takes it. */
  const contextOf = ({ address, userAgent }: ClientInfo, path: string) => ({
    IpAddress: address,
    ServerName: new URL(settings.publicUrl).hostname,
    ServerPath: path,
    HttpHeaders: userAgent === null ? [] : [{ headerName: "User-Agent", headerValue: userAgent }],
  });

  let getTokensKnown = true;

  const getTokens = (refreshToken: string) =>
    client.send(
      new GetTokensFromRefreshTokenCommand({
        ClientId,
        RefreshToken: refreshToken,
        ...(clientSecret === null ? {} : { ClientSecret: clientSecret }),
      }),
    );

  const refreshAuth = (refreshToken: string, username: string) =>
    client.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: "REFRESH_TOKEN_AUTH",
        AuthParameters: withHash(username, { REFRESH_TOKEN: refreshToken }),
      }),
    );

  return {
    /** @returns the user's sub, or null when the address has an account already */
    signUp: async (input: { email: string; name: string; password: string }) => {
      const answer = await attempt("sign_up", () =>
        client.send(
          new SignUpCommand({
            ClientId,
            SecretHash: secretHash(input.email),
            Username: input.email,
            Password: input.password,
            UserAttributes: [
              { Name: "email", Value: input.email },
              { Name: "name", Value: input.name },
            ],
          }),
        ),
      );
      return answer?.UserSub ?? null;
    },

    confirmSignUp: (email: string, code: string) =>
      must("confirm_sign_up", () =>
        client.send(
          new ConfirmSignUpCommand({
            ClientId,
            SecretHash: secretHash(email),
            Username: email,
            ConfirmationCode: code,
          }),
        ),
      ),

    resendCode: (email: string) =>
      attempt("resend_code", () =>
        client.send(
          new ResendConfirmationCodeCommand({
            ClientId,
            SecretHash: secretHash(email),
            Username: email,
          }),
        ),
      ),

    forgotPassword: (email: string) =>
      attempt("forgot_password", () =>
        client.send(
          new ForgotPasswordCommand({ ClientId, SecretHash: secretHash(email), Username: email }),
        ),
      ),

    resetPassword: (input: { email: string; code: string; password: string }) =>
      must("reset_password", () =>
        client.send(
          new ConfirmForgotPasswordCommand({
            ClientId,
            SecretHash: secretHash(input.email),
            Username: input.email,
            ConfirmationCode: input.code,
            Password: input.password,
          }),
        ),
      ),

    /** @param client null where no request stands behind it */
    signIn: (email: string, password: string, person: ClientInfo | null): Promise<AuthAnswer> => {
      const AuthParameters = withHash(email, { USERNAME: email, PASSWORD: password });
      return must("sign_in", async () =>
        answerOf(
          adminAuth
            ? await client.send(
                new AdminInitiateAuthCommand({
                  UserPoolId,
                  ClientId,
                  AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
                  AuthParameters,
                  ...(person ? { ContextData: contextOf(person, "/auth/login") } : {}),
                }),
              )
            : await client.send(
                new InitiateAuthCommand({
                  ClientId,
                  AuthFlow: "USER_PASSWORD_AUTH",
                  AuthParameters,
                }),
              ),
        ),
      );
    },

    respond: (input: {
      name: "NEW_PASSWORD_REQUIRED" | "SOFTWARE_TOKEN_MFA" | "MFA_SETUP" | "SELECT_MFA_TYPE";
      session: string;
      username: string;
      responses: Record<string, string>;
      person: ClientInfo;
    }): Promise<AuthAnswer> => {
      const request = {
        ClientId,
        ChallengeName: input.name,
        Session: input.session,
        ChallengeResponses: withHash(input.username, {
          ...input.responses,
          USERNAME: input.username,
        }),
      };
      return must("challenge", async () =>
        answerOf(
          adminAuth
            ? await client.send(
                new AdminRespondToAuthChallengeCommand({
                  ...request,
                  UserPoolId,
                  ContextData: contextOf(input.person, "/auth/challenge"),
                }),
              )
            : await client.send(new RespondToAuthChallengeCommand(request)),
        ),
      );
    },

    /**
     * New tokens; with rotation a new refresh token among them.
     *
     * `GetTokensFromRefreshToken` works with rotation on or off and takes the secret as it is. Where
     * it does not exist, the older flow does, whose hash is over the pool's own name for the user.
     * @throws SluiceError `session_ended` when the token is no longer good
     */
    refresh: (refreshToken: string, username: string): Promise<AuthenticationResultType> =>
      must("refresh", async () => {
        if (getTokensKnown) {
          try {
            return (await getTokens(refreshToken)).AuthenticationResult ?? {};
          } catch (thrown) {
            if (!isUnknownOperation(thrown)) {
              throw thrown;
            }
            getTokensKnown = false;
            log.info(
              "Cognito does not know GetTokensFromRefreshToken here; REFRESH_TOKEN_AUTH it is",
            );
          }
        }
        return (await refreshAuth(refreshToken, username)).AuthenticationResult ?? {};
      }),

    /** Makes a refresh token, and the access tokens that came of it, worthless at Cognito. */
    revoke: (refreshToken: string) =>
      must("revoke", () =>
        client.send(
          new RevokeTokenCommand({
            ClientId,
            Token: refreshToken,
            ...(clientSecret === null ? {} : { ClientSecret: clientSecret }),
          }),
        ),
      ),

    signOutEverywhere: (username: string, accessToken: string) =>
      must("account", async () => {
        await (adminAuth
          ? client.send(new AdminUserGlobalSignOutCommand({ UserPoolId, Username: username }))
          : client.send(new GlobalSignOutCommand({ AccessToken: accessToken })));
      }),

    changePassword: (accessToken: string, current: string, next: string) =>
      must("change_password", () =>
        client.send(
          new ChangePasswordCommand({
            AccessToken: accessToken,
            PreviousPassword: current,
            ProposedPassword: next,
          }),
        ),
      ),

    deleteUser: (accessToken: string) =>
      must("account", () => client.send(new DeleteUserCommand({ AccessToken: accessToken }))),

    /** The user's attributes by name, as the pool has them now. */
    attributesOf: async (accessToken: string): Promise<ReadonlyMap<string, string>> => {
      const { UserAttributes = [] } = await must("account", () =>
        client.send(new GetUserCommand({ AccessToken: accessToken })),
      );
      return new Map(UserAttributes.map(({ Name = "", Value = "" }) => [Name, Value]));
    },

    /** Whether sign-ins ask for a code of an authenticator app. */
    totpEnabled: async (accessToken: string): Promise<boolean> => {
      const user = await must("totp", () =>
        client.send(new GetUserCommand({ AccessToken: accessToken })),
      );
      return user.UserMFASettingList?.includes("SOFTWARE_TOKEN_MFA") ?? false;
    },

    /** @param by the access token, or the session of a challenge */
    beginTotp: async (by: { AccessToken: string } | { Session: string }) => {
      const { SecretCode = "", Session = "" } = await must("totp", () =>
        client.send(new AssociateSoftwareTokenCommand(by)),
      );
      return { secret: SecretCode, session: Session };
    },

    /** @returns the next session, for a challenge. @throws SluiceError `invalid_code` */
    verifyTotp: async (by: { AccessToken: string } | { Session: string }, code: string) => {
      const { Status, Session = "" } = await must("Session" in by ? "challenge" : "totp", () =>
        client.send(new VerifySoftwareTokenCommand({ ...by, UserCode: code })),
      );
      if (Status !== "SUCCESS") {
        throw new SluiceError("invalid_code");
      }
      return Session;
    },

    setTotp: (accessToken: string, on: boolean) =>
      must("totp", () =>
        client.send(
          new SetUserMFAPreferenceCommand({
            AccessToken: accessToken,
            SoftwareTokenMfaSettings: { Enabled: on, PreferredMfa: on },
          }),
        ),
      ),

    /** The client's settings; for the check at start. Throws what the SDK throws. */
    describeClient: async (signal: AbortSignal) => {
      const { UserPoolClient } = await client.send(
        new DescribeUserPoolClientCommand({ UserPoolId, ClientId }),
        { abortSignal: signal },
      );
      return UserPoolClient ?? {};
    },
  };
};

const answerOf = (output: {
  AuthenticationResult?: AuthenticationResultType | undefined;
  ChallengeName?: string | undefined;
  Session?: string | undefined;
  ChallengeParameters?: Record<string, string> | undefined;
}): AuthAnswer =>
  output.AuthenticationResult
    ? { kind: "tokens", result: output.AuthenticationResult }
    : {
        kind: "challenge",
        name: output.ChallengeName ?? "",
        session: output.Session ?? "",
        parameters: output.ChallengeParameters ?? {},
      };

/** Partitions and emulators that are behind answer an unknown operation in one of these ways. */
const isUnknownOperation = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  /^(UnknownOperationException|UnsupportedOperationException|InvalidAction|NotImplemented(Exception)?|501)$/.test(
    thrown.name,
  );
