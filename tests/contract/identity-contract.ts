import { beforeEach, expect, test } from "bun:test";
import type { Database } from "../../src/db/index.ts";
import { codes, passwords, sessions, users } from "../../src/db/schema.ts";
import type { Principal, Tokens } from "../../src/identity/index.ts";
import {
  type Accounts,
  type AccountsOptions,
  client,
  GOOD_PASSWORD,
  tokensOf,
} from "../fixtures/accounts.ts";
import { errorCode } from "../fixtures/error-code.ts";

const ada = "ada@example.org";
const bob = "bob@example.org";
const OTHER_PASSWORD = "another horse battery staple";
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** An empty database, and identities over it and over the same accounts, however often one is opened. */
export type IdentityUnderTest = {
  readonly database: Database;
  readonly open: (options?: AccountsOptions) => Promise<Accounts>;
};

/**
 * What every identity does, wherever it keeps the accounts. To be called in a `describe`; `set` is
 * called before each test.
 */
export const identityContract = (set: () => Promise<IdentityUnderTest>): void => {
  let database: Database;
  let open: IdentityUnderTest["open"];
  let accounts: Accounts;
  beforeEach(async () => {
    ({ database, open } = await set());
    accounts = await open();
  });

  const signUp = (email: string, password = GOOD_PASSWORD, invitation: string | null = null) =>
    accounts.identity.signUp({ email, name: "Ada Lovelace", password, invitation });
  const login = async (email = ada, password = GOOD_PASSWORD): Promise<Tokens> =>
    tokensOf(await accounts.identity.login({ email, password, client }));
  const principalOf = ({ accessToken }: Tokens): Promise<Principal> =>
    accounts.identity.verifyAccessToken(accessToken);
  const refresh = (refreshToken: string) => accounts.identity.refresh({ refreshToken, client });

  test("sign-up, code, login: the first account is the administrator, the second is not", async () => {
    expect(await accounts.identity.firstRun()).toBe(true);
    await signUp(" Ada@Example.org ");
    expect(await errorCode(login())).toBe("account_not_confirmed");
    expect(await accounts.identity.firstRun()).toBe(true);
    await accounts.identity.confirmSignUp({ email: ada, code: await accounts.codeFor(ada) });
    expect(await accounts.identity.firstRun()).toBe(false);
    const { user } = await login("ADA@example.org");
    expect(user).toMatchObject({ email: ada, name: "Ada Lovelace", role: "admin" });
    await accounts.makeAccount(bob);
    expect((await login(bob)).user.role).toBe("user");
  });

  test("a login fails alike for a wrong password, an unknown address and what is none", async () => {
    await accounts.makeAccount(ada);
    const attempts = [
      { email: ada, password: OTHER_PASSWORD },
      ...[bob, "not an address", "a\u0000@example.org", "\ud800", "'; --"].map((email) => ({
        email,
        password: GOOD_PASSWORD,
      })),
    ];
    const answers = await Promise.all(
      attempts.map((attempt) =>
        accounts.identity.login({ ...attempt, client }).then(
          () => "signed in",
          (error: { code: string; message: string }) => `${error.code} ${error.message}`,
        ),
      ),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toStartWith("invalid_credentials ");
  });

  test("a sign-up with an address that has an account changes nothing and says nothing", async () => {
    await accounts.makeAccount(ada);
    await signUp(ada, OTHER_PASSWORD);
    await accounts.identity.resendCode({ email: ada });
    await accounts.identity.resendCode({ email: bob });
    await accounts.identity.forgotPassword({ email: bob });
    expect(await errorCode(login(ada, OTHER_PASSWORD))).toBe("invalid_credentials");
    expect((await login()).user.email).toBe(ada);
  });

  test("weak passwords and things that are no address are refused", async () => {
    for (const password of ["short", "password1", "PASSWORD1", "x".repeat(257)]) {
      expect(await errorCode(signUp(ada, password))).toBe("weak_password");
    }
    for (const email of ["ada", "a@b@c.org", "ada@example.org\r\nBcc: x@y.org"]) {
      expect(await errorCode(signUp(email))).toBe("validation_failed");
    }
  });

  test("a forgotten password: the code sets a new one and ends all sessions", async () => {
    await accounts.makeAccount(ada);
    const before = await login();
    await accounts.identity.forgotPassword({ email: ada });
    const code = await accounts.codeFor(ada);
    const reset = (password: string) =>
      accounts.identity.resetPassword({ email: ada, code, password });
    expect(await errorCode(reset("password1"))).toBe("weak_password");
    await reset(OTHER_PASSWORD);
    expect(await errorCode(refresh(before.refreshToken))).toBe("session_ended");
    expect(await errorCode(login())).toBe("invalid_credentials");
    expect((await login(ada, OTHER_PASSWORD)).user.email).toBe(ada);
    expect((await accounts.mailsTo(ada)).at(-1)?.subject).toBe("Your Sluice password was changed");
  });

  test("a login that a password reset overtakes gets no session", async () => {
    await accounts.makeAccount(ada);
    await accounts.identity.forgotPassword({ email: ada });
    const code = await accounts.codeFor(ada);
    const logins = Array.from({ length: 6 }, () => login().catch(() => null));
    await accounts.identity.resetPassword({ email: ada, code, password: OTHER_PASSWORD });
    for (const tokens of await Promise.all(logins)) {
      if (tokens) {
        expect(await errorCode(refresh(tokens.refreshToken))).toBe("session_ended");
      }
    }
    expect(await errorCode(login())).toBe("invalid_credentials");
  });

  test("of several first accounts at once exactly one is the administrator", async () => {
    const emails = ["a@example.org", "b@example.org", "c@example.org"];
    await Promise.all(emails.map((email) => signUp(email)));
    const confirmations = await Promise.all(
      emails.map(async (email) => ({ email, code: await accounts.codeFor(email) })),
    );
    await Promise.all(confirmations.map((one) => accounts.identity.confirmSignUp(one)));
    const roles = (await database.queries.select().from(users)).map(({ role }) => role);
    expect(roles.sort()).toEqual(["admin", "user", "user"]);
  });

  test("refresh replaces the token; many at once with one token all get the same new one", async () => {
    await accounts.makeAccount(ada);
    const first = await login();
    accounts.pass(5 * MINUTE);
    const tabs = await Promise.all(Array.from({ length: 8 }, () => refresh(first.refreshToken)));
    const fresh = new Set(tabs.map(({ refreshToken }) => refreshToken));
    expect(fresh.size).toBe(1);
    expect(fresh.has(first.refreshToken)).toBe(false);
    accounts.pass(20 * SECOND);
    const [latest = ""] = fresh;
    expect((await refresh(first.refreshToken)).refreshToken).toBe(latest);
    expect((await refresh(latest)).refreshToken).toBe(latest);
    accounts.pass(MINUTE);
    const next = await refresh(latest);
    expect(next.refreshToken).not.toBe(latest);
    await accounts.identity.checkSession(await principalOf(next));
    expect(await database.queries.$count(sessions)).toBe(1);
  });

  test("a replaced refresh token ends the session after the grace, however old it is", async () => {
    await accounts.makeAccount(ada);
    for (const refreshes of [1, 3]) {
      const first = await login();
      let latest = first;
      for (let time = 0; time < refreshes; time += 1) {
        latest = await refresh(latest.refreshToken);
        accounts.pass(31 * SECOND);
      }
      expect(await errorCode(refresh(first.refreshToken))).toBe("refresh_token_reused");
      expect(await errorCode(refresh(latest.refreshToken))).toBe("session_ended");
      expect(await errorCode(accounts.identity.checkSession(await principalOf(latest)))).toBe(
        "session_ended",
      );
    }
  });

  test("a made-up refresh token is refused and ends nobody's session", async () => {
    await accounts.makeAccount(ada);
    const { refreshToken } = await login();
    const changed = refreshToken.replace(
      /^(.{40})(.)/,
      (_, head, one) => head + (one === "A" ? "B" : "A"),
    );
    for (const token of [changed, `${refreshToken}A`, refreshToken.slice(1), "", "x"]) {
      expect(await errorCode(refresh(token))).toBe("session_ended");
      await accounts.identity.logout({ refreshToken: token });
    }
    expect((await refresh(refreshToken)).user.email).toBe(ada);
  });

  test("a session that is not used for 30 days ends; use prolongs it", async () => {
    await accounts.makeAccount(ada);
    let tokens = await login();
    accounts.pass(29 * DAY);
    tokens = await refresh(tokens.refreshToken);
    accounts.pass(29 * DAY);
    tokens = await refresh(tokens.refreshToken);
    accounts.pass(31 * DAY);
    expect(await errorCode(refresh(tokens.refreshToken))).toBe("session_ended");
  });

  test("logout ends one session, logout everywhere all of one's own", async () => {
    await accounts.makeAccount(ada);
    await accounts.makeAccount(bob);
    const [here, there, bobs] = [await login(), await login(), await login(bob)];
    await accounts.identity.logout({ refreshToken: here.refreshToken });
    expect(await errorCode(refresh(here.refreshToken))).toBe("session_ended");
    const still = await refresh(there.refreshToken);
    await accounts.identity.logoutEverywhere(await principalOf(still));
    expect(await errorCode(refresh(still.refreshToken))).toBe("session_ended");
    expect((await refresh(bobs.refreshToken)).user.email).toBe(bob);
  });

  test("sessions are listed and ended by their owner alone", async () => {
    await accounts.makeAccount(ada);
    await accounts.makeAccount(bob);
    const [adas, bobs] = [await principalOf(await login()), await principalOf(await login(bob))];
    expect(await accounts.identity.sessions(adas)).toMatchObject([
      { id: adas.sessionId, address: client.address, userAgent: client.userAgent },
    ]);
    expect(await errorCode(accounts.identity.endSession(bobs, adas.sessionId))).toBe("not_found");
    await accounts.identity.checkSession(adas);
    await accounts.identity.endSession(adas, adas.sessionId);
    expect(await errorCode(accounts.identity.checkSession(adas))).toBe("session_ended");
    expect(await accounts.identity.sessions(adas)).toEqual([]);
  });

  test("access tokens: ten minutes, and only ours", async () => {
    await accounts.makeAccount(ada);
    const { accessToken, user } = await login();
    expect(await accounts.identity.verifyAccessToken(accessToken)).toMatchObject({
      userId: user.id,
      role: "admin",
    });
    const elsewhere = await open({ publicUrl: "https://other.example.org" });
    expect(await errorCode(elsewhere.identity.verifyAccessToken(accessToken))).toBe(
      "not_signed_in",
    );
    accounts.pass(10 * MINUTE + SECOND);
    expect(await errorCode(accounts.identity.verifyAccessToken(accessToken))).toBe("not_signed_in");
  });

  test("changing the password needs the old one, keeps this session and ends the others", async () => {
    await accounts.makeAccount(ada);
    const [here, there] = [await login(), await login()];
    const principal = await principalOf(here);
    const change = (currentPassword: string, newPassword: string) =>
      accounts.identity.changePassword({ principal, currentPassword, newPassword });
    expect(await errorCode(change(OTHER_PASSWORD, OTHER_PASSWORD))).toBe("invalid_credentials");
    expect(await errorCode(change(GOOD_PASSWORD, "12345678"))).toBe("weak_password");
    await change(GOOD_PASSWORD, OTHER_PASSWORD);
    expect(await errorCode(refresh(there.refreshToken))).toBe("session_ended");
    expect((await refresh(here.refreshToken)).user.email).toBe(ada);
    expect((await login(ada, OTHER_PASSWORD)).user.email).toBe(ada);
  });

  test("by invitation: works once, for its address, for a week; administrators alone invite", async () => {
    await accounts.makeAccount(ada);
    const admin = await principalOf(await login());
    const forAnyone = await accounts.identity.invite(admin, null);
    const forBob = await accounts.identity.invite(admin, "Bob@example.org");
    expect((await accounts.mailsTo(bob)).at(-1)?.text).toContain(`?invitation=${forBob}`);
    accounts = await open({ signUp: "invitation" });
    expect(await errorCode(signUp(bob))).toBe("invitation_required");
    expect(await errorCode(signUp(bob, GOOD_PASSWORD, "made-up"))).toBe("invitation_required");
    expect(await errorCode(signUp("eve@example.org", GOOD_PASSWORD, forBob))).toBe(
      "invitation_required",
    );
    await signUp(bob, GOOD_PASSWORD, forBob);
    await accounts.identity.confirmSignUp({ email: bob, code: await accounts.codeFor(bob) });
    const bobs = await principalOf(await login(bob));
    expect(await errorCode(accounts.identity.invite(bobs, null))).toBe("not_allowed");

    // Two sign up with one open invitation: the first to confirm has it.
    await signUp("eve@example.org", GOOD_PASSWORD, forAnyone);
    await signUp("kim@example.org", GOOD_PASSWORD, forAnyone);
    const confirm = async (email: string) =>
      await accounts.identity.confirmSignUp({ email, code: await accounts.codeFor(email) });
    await confirm("kim@example.org");
    expect(await errorCode(confirm("eve@example.org"))).toBe("invitation_required");

    const late = await accounts.identity.invite(admin, null);
    accounts.pass(8 * DAY);
    expect(await errorCode(signUp("eve@example.org", GOOD_PASSWORD, late))).toBe(
      "invitation_required",
    );
  });

  test("closed: only the first account can be made", async () => {
    accounts = await open({ signUp: "closed" });
    await signUp(bob);
    const bobsCode = await accounts.codeFor(bob);
    await accounts.makeAccount(ada);
    expect(await errorCode(signUp("eve@example.org"))).toBe("sign_up_closed");
    expect(await errorCode(accounts.identity.confirmSignUp({ email: bob, code: bobsCode }))).toBe(
      "sign_up_closed",
    );
    expect((await login()).user.role).toBe("admin");
  });

  test("deleting an account needs its password and leaves no row of it", async () => {
    await accounts.makeAccount(ada);
    const tokens = await login();
    const principal = await principalOf(tokens);
    let removals = 0;
    const removeContents = async () => {
      // By then nobody can add anything, and the account is still there to own what goes.
      expect(await errorCode(accounts.identity.checkSession(principal))).toBe("session_ended");
      expect(await database.queries.$count(users)).toBe(1);
      removals += 1;
    };
    const remove = (password: string) =>
      accounts.identity.deleteAccount({ principal, password, removeContents });
    expect(await errorCode(remove(OTHER_PASSWORD))).toBe("invalid_credentials");
    expect(removals).toBe(0);
    await remove(GOOD_PASSWORD);
    expect(removals).toBe(1);
    for (const table of [users, passwords, sessions, codes]) {
      expect(await database.queries.$count(table)).toBe(0);
    }
    expect(await errorCode(accounts.identity.user(principal.userId))).toBe("not_signed_in");
    expect(await errorCode(accounts.identity.checkSession(principal))).toBe("session_ended");
    expect(await errorCode(refresh(tokens.refreshToken))).toBe("session_ended");
    expect(await errorCode(login())).toBe("invalid_credentials");
  });
};
