/** Cognito's answers as AWS documents them: what the emulators get wrong, replayed in front of moto. */
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminUserGlobalSignOutCommand,
  SetUserPoolMfaConfigCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { eq } from "drizzle-orm";
import type { Database } from "../../src/db/index.ts";
import { sessions, users } from "../../src/db/schema.ts";
import type { Challenge, Principal, SignIn, Tokens } from "../../src/identity/index.ts";
import { identityContract } from "../contract/identity-contract.ts";
import {
  type Accounts,
  type AccountsOptions,
  client,
  GOOD_PASSWORD,
  openAccounts,
  otherThan,
  tokensOf,
} from "../fixtures/accounts.ts";
import {
  type CognitoFront,
  exception,
  type FrontOptions,
  startCognitoFront,
} from "../fixtures/aws/cognito-front.ts";
import { createTestPool, type TestPool } from "../fixtures/aws/cognito-pool.ts";
import { type Emulator, startMoto, testAwsEnvironment } from "../fixtures/aws/emulators.ts";
import { openTestDatabase } from "../fixtures/databases.ts";
import { errorCode } from "../fixtures/error-code.ts";
import { totpCode } from "../fixtures/totp.ts";

// Installing the emulators takes two minutes where they are not there yet.
setDefaultTimeout(300_000);

const ada = "ada@example.org";
const bob = "bob@example.org";
const OTHER_PASSWORD = "another horse battery staple";
const MINUTE = 60_000;

let emulator: Emulator;
beforeAll(async () => {
  Object.assign(process.env, testAwsEnvironment);
  emulator = await startMoto();
});
afterAll(() => emulator.stop());

/** A pool behind a front of its own, and identities on it. */
const setUp = async (options: Omit<FrontOptions, "behind"> & { secret?: boolean } = {}) => {
  const front = startCognitoFront({ behind: emulator.url, ...options });
  const pool = await createTestPool(front.url, { secret: options.secret ?? true });
  const open = (database: Database, more: AccountsOptions = {}) =>
    openAccounts(database, {
      codeFor: async (email) => front.codeFor(email),
      settings: pool.settings,
      ...more,
    });
  return { front, pool, open };
};

const fronts: CognitoFront[] = [];
afterAll(() => {
  for (const front of fronts) {
    front.stop();
  }
});

const kinds: [string, Omit<FrontOptions, "behind"> & { secret?: boolean }][] = [
  ["without rotation", {}],
  ["with rotation and no grace", { rotation: { graceMs: 0 } }],
  ["with a client without a secret", { secret: false }],
  ["where only REFRESH_TOKEN_AUTH exists", { getTokens: false }],
];
describe.each(kinds)("accounts in Cognito %s", (_, options) => {
  identityContract(async () => {
    const database = await openTestDatabase("pglite");
    const { front, open } = await setUp(options);
    fronts.push(front);
    return { database, open: (more) => open(database, more) };
  });
});

describe("Cognito's own ways", () => {
  let database: Database;
  let front: CognitoFront;
  let pool: TestPool;
  let open: (more?: AccountsOptions) => Promise<Accounts>;
  let accounts: Accounts;

  const begin = async (options: Omit<FrontOptions, "behind"> & { secret?: boolean } = {}) => {
    database = await openTestDatabase("postgres");
    const made = await setUp(options);
    ({ front, pool } = made);
    fronts.push(front);
    open = (more) => made.open(database, more);
    accounts = await open();
  };
  beforeEach(() => begin());

  const signUp = (email: string, password = GOOD_PASSWORD) =>
    accounts.identity.signUp({ email, name: "Ada", password, invitation: null });
  const signIn = (email = ada, password = GOOD_PASSWORD): Promise<SignIn> =>
    accounts.identity.login({ email, password, client });
  const login = async (email = ada, password = GOOD_PASSWORD): Promise<Tokens> =>
    tokensOf(await signIn(email, password));
  const principalOf = ({ accessToken }: Tokens): Promise<Principal> =>
    accounts.identity.verifyAccessToken(accessToken);
  const refresh = (refreshToken: string) => accounts.identity.refresh({ refreshToken, client });
  const challengeOf = (answer: SignIn): Challenge => {
    if (answer.kind === "signed-in") {
      throw new Error("signed in without a challenge");
    }
    return answer.challenge;
  };
  const answer = (token: string, given: object) =>
    accounts.identity.answerChallenge({ token, answer: given, client });
  const eventually = async (holds: () => boolean) => {
    for (let tries = 0; tries < 100 && !holds(); tries += 1) {
      await Bun.sleep(20);
    }
    expect(holds()).toBe(true);
  };

  test("an unconfirmed account says so to the right password alone", async () => {
    await signUp(ada);
    expect(await errorCode(login())).toBe("account_not_confirmed");
    expect(await errorCode(login(ada, OTHER_PASSWORD))).toBe("invalid_credentials");
  });

  test("wrong, spent and foreign codes", async () => {
    await signUp(ada);
    const code = front.codeFor(ada);
    const confirm = (email: string, given: string) =>
      errorCode(accounts.identity.confirmSignUp({ email, code: given }));
    expect(await confirm(ada, otherThan(code))).toBe("invalid_code");
    expect(await confirm(bob, code)).toBe("invalid_code");
    for (let tries = 0; tries < 4; tries += 1) {
      await confirm(ada, otherThan(code));
    }
    expect(await confirm(ada, code)).toBe("rate_limited");
    await accounts.identity.resendCode({ email: ada });
    await accounts.identity.confirmSignUp({ email: ada, code: front.codeFor(ada) });
    expect(await confirm(ada, code)).toBe("invalid_code");
    expect((await login()).user.email).toBe(ada);
  });

  test("two processes that refresh at once with rotation and no grace ask Cognito once", async () => {
    await begin({ rotation: { graceMs: 0 } });
    await accounts.makeAccount(ada);
    const first = await login();
    accounts.pass(5 * MINUTE);
    const other = await open();
    other.pass(5 * MINUTE);
    const tabs = await Promise.all(
      [accounts, other, accounts, other].map(({ identity }) =>
        identity.refresh({ refreshToken: first.refreshToken, client }),
      ),
    );
    expect(new Set(tabs.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    const asked = front.calls.filter(({ operation }) => operation === "GetTokensFromRefreshToken");
    expect(asked).toHaveLength(1);
    accounts.pass(MINUTE);
    expect((await refresh(tabs[0]?.refreshToken ?? "")).user.email).toBe(ada);
  });

  test("signing out revokes at Cognito, and ends here even if Cognito does not answer", async () => {
    await accounts.makeAccount(ada);
    const [here, there] = [await login(), await login()];
    await accounts.identity.logout({ refreshToken: here.refreshToken });
    await eventually(() => front.revoked.size === 1);
    front.script = (operation) =>
      operation === "GlobalSignOut" || operation === "RevokeToken"
        ? { status: 500, body: { __type: "InternalErrorException" } }
        : null;
    const principal = await principalOf(there);
    await accounts.identity.logoutEverywhere(principal);
    expect(await errorCode(accounts.identity.checkSession(principal))).toBe("session_ended");
    expect(await errorCode(refresh(there.refreshToken))).toBe("session_ended");
    const rows = await database.queries.select().from(sessions);
    expect(rows.map(({ cognitoTokens }) => cognitoTokens)).toEqual([null, null]);
  });

  test("a session that Cognito ended ends here at the next refresh", async () => {
    await accounts.makeAccount(ada);
    const tokens = await login();
    await pool.client.send(
      new AdminUserGlobalSignOutCommand({
        UserPoolId: pool.settings.COGNITO_USER_POOL_ID,
        Username: ada,
      }),
    );
    accounts.pass(MINUTE);
    expect(await errorCode(refresh(tokens.refreshToken))).toBe("session_ended");
    const [row] = await database.queries.select().from(sessions);
    expect(row).toMatchObject({ endReason: "ended_by_cognito", cognitoTokens: null });
    expect(await errorCode(accounts.identity.checkSession(await principalOf(tokens)))).toBe(
      "session_ended",
    );
  });

  test("while Cognito is away nobody is signed out", async () => {
    await accounts.makeAccount(ada);
    const tokens = await login();
    accounts.pass(MINUTE);
    front.script = () => exception("TooManyRequestsException", "Rate exceeded");
    expect(await errorCode(refresh(tokens.refreshToken))).toBe("rate_limited");
    front.script = () => ({ status: 500, body: { __type: "InternalErrorException" } });
    expect(await errorCode(refresh(tokens.refreshToken))).toBe("identity_unavailable");
    front.script = undefined;
    expect((await refresh(tokens.refreshToken)).user.email).toBe(ada);
  });

  test("what lies in the database opens nothing without the server's secret", async () => {
    await accounts.makeAccount(ada);
    await login();
    const [row] = await database.queries.select().from(sessions);
    expect(row?.cognitoUsername).toMatch(/^[0-9a-f-]{36}$/);
    expect(row?.cognitoOriginJti).toMatch(/^[0-9a-f-]{36}$/);
    expect(row?.cognitoTokens?.split(".")).toHaveLength(5);
    const text = JSON.stringify(await database.queries.select().from(sessions));
    expect(text).not.toContain("front-");
    expect(text).not.toContain(Buffer.from("front-").toString("base64url"));
  });

  test("a missing row is made at the next login; a row of before Cognito goes on under its address", async () => {
    await signUp(ada);
    await accounts.identity.confirmSignUp({ email: ada, code: front.codeFor(ada) });
    await database.queries.delete(users);
    const healed = await login();
    expect(healed.user).toMatchObject({ email: ada, name: "Ada", role: "admin" });
    const [row] = await database.queries.select().from(users);
    expect(row?.cognitoSub).toMatch(/^[0-9a-f-]{36}$/);
    // Two logins at once that both find no row make one.
    await database.queries.delete(users);
    await Promise.all([login(), login(), login()]);
    expect(await database.queries.$count(users)).toBe(1);
    // A row of a local account whose address was proven by the code.
    await database.queries.insert(users).values({ email: bob, name: "Bob of old" });
    await accounts.makeAccount(bob);
    expect((await login(bob)).user.name).toBe("Bob of old");
    expect(await database.queries.$count(users)).toBe(2);
    // Another user of the pool under the same address is another person.
    await database.queries.update(users).set({ cognitoSub: "other" }).where(eq(users.email, bob));
    expect(await errorCode(login(bob))).toBe("account_conflict");
  });

  test("a stranger's earlier sign-up with one's address lets nobody in until the password is reset", async () => {
    await signUp(ada, OTHER_PASSWORD);
    await signUp(ada, GOOD_PASSWORD);
    await accounts.mailsTo(ada);
    await accounts.identity.confirmSignUp({ email: ada, code: front.codeFor(ada) });
    expect(await errorCode(login(ada, OTHER_PASSWORD))).toBe("invalid_credentials");
    expect(await errorCode(login(ada, GOOD_PASSWORD))).toBe("invalid_credentials");
    await accounts.identity.forgotPassword({ email: ada });
    const code = front.codeFor(ada);
    await accounts.identity.resetPassword({ email: ada, code, password: GOOD_PASSWORD });
    expect((await login()).user.email).toBe(ada);
  });

  test("somebody who signs up twice with the same password is let in", async () => {
    await signUp(ada);
    await signUp(ada);
    await accounts.mailsTo(ada);
    await accounts.identity.confirmSignUp({ email: ada, code: front.codeFor(ada) });
    expect((await login()).user.email).toBe(ada);
  });

  const createdByAdministrator = () =>
    pool.client.send(
      new AdminCreateUserCommand({
        UserPoolId: pool.settings.COGNITO_USER_POOL_ID,
        Username: bob,
        TemporaryPassword: OTHER_PASSWORD,
        MessageAction: "SUPPRESS",
        UserAttributes: [{ Name: "email", Value: bob }],
      }),
    );

  test("an account made in the pool: a new password, then in, also where sign-up is closed", async () => {
    await accounts.makeAccount(ada);
    accounts = await open({ signUp: "closed" });
    await createdByAdministrator();
    const asked = challengeOf(await signIn(bob, OTHER_PASSWORD));
    expect(asked).toMatchObject({ name: "new_password", setup: null, needsName: false });
    expect(await errorCode(answer(asked.token, {}))).toBe("validation_failed");
    expect(await errorCode(answer(asked.token, { newPassword: "password1" }))).toBe(
      "weak_password",
    );
    const { user } = tokensOf(await answer(asked.token, { newPassword: GOOD_PASSWORD }));
    expect(user).toMatchObject({ email: bob, role: "user" });
    expect((await login(bob)).user.id).toBe(user.id);
    expect(await errorCode(answer(asked.token, { newPassword: OTHER_PASSWORD }))).toBe(
      "challenge_not_pending",
    );
  });

  test("a challenge lasts three minutes and is nobody else's", async () => {
    await createdByAdministrator();
    const { token, expiresAt } = challengeOf(await signIn(bob, OTHER_PASSWORD));
    expect(expiresAt.getTime() - Date.now()).toBeLessThanOrEqual(3 * MINUTE);
    const session = front.calls.some(({ body }) => token.includes(String(body.Session)));
    expect(session).toBe(false);
    const changed = token.replace(/(.)(.{9})$/, (_, one, rest) => (one === "A" ? "B" : "A") + rest);
    for (const other of [changed, "", "x"]) {
      expect(await errorCode(answer(other, { newPassword: GOOD_PASSWORD }))).toBe(
        "challenge_not_pending",
      );
    }
    accounts.pass(3 * MINUTE + 1);
    expect(await errorCode(answer(token, { newPassword: GOOD_PASSWORD }))).toBe(
      "challenge_not_pending",
    );
  });

  test("an authenticator app: set up, asked for at sign-in, turned off with the password", async () => {
    await accounts.makeAccount(ada);
    const principal = await principalOf(await login());
    const { totp } = accounts.identity;
    expect(await totp?.enabled(principal)).toBe(false);
    const setup = await totp?.begin(principal);
    const secret = setup?.secret ?? "";
    expect(setup?.uri).toBe(
      `otpauth://totp/Sluice%3Aada%40example.org?secret=${secret}&issuer=Sluice`,
    );
    const wrong = otherThan(totpCode(secret));
    expect(await errorCode(totp?.confirm({ principal, code: wrong }) ?? Promise.resolve())).toBe(
      "invalid_code",
    );
    expect((await signIn()).kind).toBe("signed-in");
    await totp?.confirm({ principal, code: totpCode(secret) });
    const asked = challengeOf(await signIn());
    expect(asked.name).toBe("totp");
    expect(await errorCode(answer(asked.token, { code: otherThan(totpCode(secret)) }))).toBe(
      "invalid_code",
    );
    expect(tokensOf(await answer(asked.token, { code: totpCode(secret) })).user.email).toBe(ada);
    expect(await errorCode(answer(asked.token, { code: totpCode(secret) }))).toBe(
      "challenge_not_pending",
    );
    // The password is still known to be right or wrong, though it opens nothing by itself.
    const off = (password: string) => totp?.turnOff({ principal, password }) ?? Promise.resolve();
    expect(await errorCode(off(OTHER_PASSWORD))).toBe("invalid_credentials");
    await off(GOOD_PASSWORD);
    expect((await signIn()).kind).toBe("signed-in");
  });

  test("an account with an authenticator app can be deleted", async () => {
    await accounts.makeAccount(ada);
    const principal = await principalOf(await login());
    const { totp } = accounts.identity;
    const { secret = "" } = (await totp?.begin(principal)) ?? {};
    await totp?.confirm({ principal, code: totpCode(secret) });
    await accounts.identity.deleteAccount({
      principal,
      password: GOOD_PASSWORD,
      removeContents: async () => {},
    });
    expect(await database.queries.$count(users)).toBe(0);
    expect(await errorCode(login())).toBe("invalid_credentials");
  });

  test("a pool that demands a second factor has it set up at the first sign-in", async () => {
    await createdByAdministrator();
    await pool.client.send(
      new SetUserPoolMfaConfigCommand({
        UserPoolId: pool.settings.COGNITO_USER_POOL_ID,
        MfaConfiguration: "ON",
        SoftwareTokenMfaConfiguration: { Enabled: true },
      }),
    );
    front.script = mfaSetupAnswers();
    const first = challengeOf(await signIn(bob, OTHER_PASSWORD));
    const second = challengeOf(await answer(first.token, { newPassword: GOOD_PASSWORD }));
    expect(second).toMatchObject({ name: "totp_setup", setup: { secret: SETUP_SECRET } });
    expect(await errorCode(answer(second.token, { code: "000000" }))).toBe("invalid_code");
    front.script = mfaSetupAnswers(true);
    expect(await errorCode(answer(second.token, { code: "123456" }))).toBe("challenge_not_pending");
    const sent = front.calls.filter(({ body }) => body.ChallengeName === "MFA_SETUP");
    expect(sent.at(-1)?.body).toMatchObject({ Session: "after-verify" });
  });

  test("a step that we do not offer is refused with what to do", async () => {
    await accounts.makeAccount(ada);
    for (const name of ["SMS_MFA", "CUSTOM_CHALLENGE", "EMAIL_OTP", "DEVICE_SRP_AUTH"]) {
      front.script = (operation) =>
        operation === "InitiateAuth"
          ? { status: 200, body: { ChallengeName: name, Session: "s", ChallengeParameters: {} } }
          : null;
      expect(await errorCode(signIn())).toBe("challenge_unsupported");
    }
  });

  test("tokens of another client, another use or another time are refused", async () => {
    await accounts.makeAccount(ada);
    const elsewhere = await createTestPool(front.url, { secret: true });
    let foreign: unknown;
    front.script = (operation, body) => {
      if (operation === "InitiateAuth" && foreign !== undefined) {
        return { status: 200, body: { AuthenticationResult: foreign } };
      }
      return operation === "nothing" ? { status: 200, body } : null;
    };
    const other = await openAccounts(await openTestDatabase("postgres"), {
      settings: elsewhere.settings,
      codeFor: async (email) => front.codeFor(email),
    });
    await other.makeAccount(bob);
    const real = await captured(front, emulator.url, elsewhere, bob);
    for (const result of [
      real,
      { ...real, IdToken: real.AccessToken },
      { ...real, AccessToken: real.IdToken },
      { ...real, AccessToken: unsigned(real.AccessToken ?? "") },
      { RefreshToken: "r" },
    ]) {
      foreign = result;
      expect(await errorCode(login())).toBe("identity_unavailable");
    }
  });

  test("what can never work is said at the start, in Cognito's words", async () => {
    const started = (settings: object) =>
      openAccounts(database, { settings: { ...pool.settings, ...settings } }).then(
        () => "started",
        (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
      );
    front.script = (operation) =>
      operation === "InitiateAuth"
        ? exception(
            "InvalidParameterException",
            "USER_PASSWORD_AUTH flow not enabled for this client",
          )
        : null;
    expect(await started({})).toContain("USER_PASSWORD_AUTH flow not enabled");
    front.script = (operation) =>
      operation === "DescribeUserPoolClient"
        ? { status: 200, body: { UserPoolClient: { ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH"] } } }
        : null;
    expect(await started({})).toContain("does not allow ALLOW_USER_PASSWORD_AUTH");
    // Without the permission to look, and without a connection, the server starts.
    front.script = (operation) =>
      operation === "DescribeUserPoolClient"
        ? exception("AccessDeniedException", "not authorized to perform")
        : null;
    expect(await started({})).toBe("started");
    front.script = undefined;
    expect(
      await started({ AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: "http://127.0.0.1:9" }),
    ).toBe("started");
  });

  test("a user whom the pool deleted is out at the next refresh", async () => {
    await accounts.makeAccount(ada);
    const tokens = await login();
    await pool.client.send(
      new AdminDeleteUserCommand({
        UserPoolId: pool.settings.COGNITO_USER_POOL_ID,
        Username: ada,
      }),
    );
    front.script = (operation) =>
      operation === "GetTokensFromRefreshToken"
        ? exception("NotAuthorizedException", "Refresh Token has been revoked")
        : null;
    accounts.pass(MINUTE);
    expect(await errorCode(refresh(tokens.refreshToken))).toBe("session_ended");
  });
});

const SETUP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/** API_RespondToAuthChallenge, API_AssociateSoftwareToken and API_VerifySoftwareToken, for a pool with MFA required. */
const mfaSetupAnswers =
  (codeIsRight = false): FrontOptions["script"] =>
  (operation, body) => {
    if (operation === "RespondToAuthChallenge" && body.ChallengeName === "NEW_PASSWORD_REQUIRED") {
      return {
        status: 200,
        body: {
          ChallengeName: "MFA_SETUP",
          ChallengeParameters: { MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA"]' },
          Session: "setup",
        },
      };
    }
    if (operation === "AssociateSoftwareToken") {
      expect(body).toEqual({ Session: "setup" });
      return { status: 200, body: { SecretCode: SETUP_SECRET, Session: "after-associate" } };
    }
    if (operation === "VerifySoftwareToken") {
      expect(body).toMatchObject({ Session: "after-associate" });
      return codeIsRight
        ? { status: 200, body: { Status: "SUCCESS", Session: "after-verify" } }
        : exception("EnableSoftwareTokenMFAException", "Code mismatch");
    }
    if (operation === "RespondToAuthChallenge" && body.ChallengeName === "MFA_SETUP") {
      return exception("NotAuthorizedException", "Invalid session for the user.");
    }
    return null;
  };

/** Real tokens of another client of the emulator. */
const captured = async (
  front: CognitoFront,
  behind: string,
  pool: TestPool,
  email: string,
): Promise<Record<string, string>> => {
  const sent = front.calls.find(
    ({ operation, body }) =>
      operation === "InitiateAuth" && body.ClientId === pool.settings.COGNITO_CLIENT_ID,
  );
  const response = await fetch(behind, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth",
    },
    body: JSON.stringify({
      ...sent?.body,
      AuthParameters: { USERNAME: email, PASSWORD: GOOD_PASSWORD },
    }),
  });
  return ((await response.json()) as { AuthenticationResult: Record<string, string> })
    .AuthenticationResult;
};

/** The same words under no signature. */
const unsigned = (token: string): string => {
  const header = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
  return `${header}.${token.split(".")[1]}.`;
};
