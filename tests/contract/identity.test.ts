import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Database } from "../../src/db/index.ts";
import { codes, passwords, sessions } from "../../src/db/schema.ts";
import type { Tokens } from "../../src/identity/index.ts";
import {
  type Accounts,
  client,
  GOOD_PASSWORD,
  openAccounts,
  otherThan,
  tokensOf,
} from "../fixtures/accounts.ts";
import { describeOnDatabases } from "../fixtures/databases.ts";
import { errorCode } from "../fixtures/error-code.ts";
import { identityContract } from "./identity-contract.ts";

const ada = "ada@example.org";
const bob = "bob@example.org";
const OTHER_PASSWORD = "another horse battery staple";
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describeOnDatabases("local accounts", (openDatabase) => {
  identityContract(async () => {
    const database = await openDatabase();
    return { database, open: (options) => openAccounts(database, options) };
  });
});

describeOnDatabases("codes and passwords of local accounts", (open) => {
  let database: Database;
  let accounts: Accounts;
  beforeEach(async () => {
    database = await open();
    accounts = await openAccounts(database);
  });
  afterEach(() => database.close());

  const signUp = (email: string, password = GOOD_PASSWORD, invitation: string | null = null) =>
    accounts.identity.signUp({ email, name: "Ada Lovelace", password, invitation });
  const login = async (email = ada, password = GOOD_PASSWORD): Promise<Tokens> =>
    tokensOf(await accounts.identity.login({ email, password, client }));
  const refresh = (refreshToken: string) => accounts.identity.refresh({ refreshToken, client });

  test("sign-up, code, login: the first account is the administrator, the second is not", async () => {
    expect(await accounts.identity.firstRun()).toBe(true);
    await signUp(" Ada@Example.org ");
    expect(await errorCode(login())).toBe("account_not_confirmed");
    expect(await errorCode(login(ada, OTHER_PASSWORD))).toBe("invalid_credentials");
    expect(await accounts.identity.firstRun()).toBe(true);
    await accounts.identity.confirmSignUp({ email: ada, code: await accounts.codeFor(ada) });
    expect(await accounts.identity.firstRun()).toBe(false);
    const { user } = await login("ADA@example.org");
    expect(user).toMatchObject({ email: ada, name: "Ada Lovelace", role: "admin" });
    await accounts.makeAccount(bob);
    expect((await login(bob)).user.role).toBe("user");
  });

  test("weak passwords and things that are no address are refused", async () => {
    for (const password of ["short", "password1", "PASSWORD1", "x".repeat(257)]) {
      expect(await errorCode(signUp(ada, password))).toBe("weak_password");
    }
    for (const email of [
      "ada",
      "a@b@c.org",
      "ada@example.org\r\nBcc: x@y.org",
      "a@x.org,b@x.org",
    ]) {
      expect(await errorCode(signUp(email))).toBe("validation_failed");
    }
    expect(await database.queries.$count(codes)).toBe(0);
  });

  test("a sign-up with an address that has an account changes nothing and tells its owner", async () => {
    await accounts.makeAccount(ada);
    await signUp(ada, OTHER_PASSWORD);
    const mails = await accounts.mailsTo(ada);
    expect(mails).toHaveLength(2);
    expect(mails[1]?.subject).toBe("You already have a Sluice account");
    expect(mails[1]?.text).not.toMatch(/\d{6}/);
    expect(await errorCode(login(ada, OTHER_PASSWORD))).toBe("invalid_credentials");
    expect((await login()).user.email).toBe(ada);
  });

  test("each mail confirms its own sign-up: a stranger's password is never slipped in", async () => {
    await signUp(ada, GOOD_PASSWORD);
    const code = await accounts.codeFor(ada);
    await signUp(ada, OTHER_PASSWORD);
    await accounts.identity.confirmSignUp({ email: ada, code });
    expect(await errorCode(login(ada, OTHER_PASSWORD))).toBe("invalid_credentials");
    expect((await login()).user.email).toBe(ada);
  });

  test("a code works once, only for its address, and not after 15 minutes; another can be sent", async () => {
    await signUp(ada);
    const code = await accounts.codeFor(ada);
    expect(await errorCode(accounts.identity.confirmSignUp({ email: bob, code }))).toBe(
      "invalid_code",
    );
    accounts.pass(15 * MINUTE + SECOND);
    expect(await errorCode(accounts.identity.confirmSignUp({ email: ada, code }))).toBe(
      "invalid_code",
    );
    await accounts.identity.resendCode({ email: ada });
    const another = await accounts.codeFor(ada);
    await accounts.identity.confirmSignUp({ email: ada, code: another });
    expect(await errorCode(accounts.identity.confirmSignUp({ email: ada, code: another }))).toBe(
      "invalid_code",
    );
    expect((await login()).user.email).toBe(ada);
  });

  test("five wrong tries spend a code, at once or in turn; a new one works", async () => {
    await signUp(ada);
    const code = await accounts.codeFor(ada);
    const wrong = { email: ada, code: otherThan(code) };
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => errorCode(accounts.identity.confirmSignUp(wrong))),
    );
    expect(answers.filter((answer) => answer === "invalid_code")).toHaveLength(4);
    expect(answers.filter((answer) => answer === "too_many_codes")).toHaveLength(8);
    expect(await errorCode(accounts.identity.confirmSignUp({ email: ada, code }))).toBe(
      "too_many_codes",
    );
    await accounts.identity.resendCode({ email: ada });
    await accounts.identity.confirmSignUp({ email: ada, code: await accounts.codeFor(ada) });
  });

  test("of three codes sent each takes five tries, however many guesses come at once", async () => {
    await signUp(ada);
    await signUp(ada);
    await signUp(ada);
    const right = new Set((await accounts.mailsTo(ada)).map(({ text }) => /\d{6}/.exec(text)?.[0]));
    const wrong = ["000000", "111111", "222222", "333333"].find((code) => !right.has(code)) ?? "";
    const guess = () => errorCode(accounts.identity.confirmSignUp({ email: ada, code: wrong }));
    const answers = await Promise.all(Array.from({ length: 40 }, guess));
    expect(new Set(answers)).toEqual(new Set(["invalid_code", "too_many_codes"]));
    const tries = (await database.queries.select().from(codes)).map((row) => row.tries);
    expect(tries).toEqual([5, 5, 5]);
  });

  test("an address without an account answers as one with: same errors, same counting, no mail", async () => {
    await accounts.makeAccount(ada);
    const guesses = async (email: string) => {
      await accounts.identity.forgotPassword({ email });
      await accounts.mailsTo(email);
      const answers: unknown[] = [];
      for (let guess = 0; guess < 6; guess += 1) {
        const attempt = { email, code: "000000", password: OTHER_PASSWORD };
        answers.push(await errorCode(accounts.identity.resetPassword(attempt)));
      }
      return answers;
    };
    const known = await guesses(ada);
    expect(known).toContain("too_many_codes");
    expect(await guesses(bob)).toEqual(known);
    await accounts.identity.resendCode({ email: bob });
    expect(await accounts.mailsTo(bob)).toEqual([]);
    expect(await errorCode(login(bob))).toBe("invalid_credentials");
    for (const odd of ["not an address", "a\u0000@example.org", "\ud800", "'; --"]) {
      expect(await errorCode(login(odd))).toBe("invalid_credentials");
      const attempt = { email: odd, code: "000000" };
      expect(await errorCode(accounts.identity.confirmSignUp(attempt))).toBe("invalid_code");
    }
  });

  test("neither passwords nor codes nor refresh tokens lie in the database", async () => {
    await signUp(bob);
    const code = await accounts.codeFor(bob);
    await accounts.makeAccount(ada);
    const { refreshToken } = await login();
    const rows = JSON.stringify([
      await database.queries.select().from(passwords),
      await database.queries.select().from(codes),
      await database.queries.select().from(sessions),
    ]);
    expect(rows).toContain("$argon2id$");
    expect(rows).not.toContain(GOOD_PASSWORD);
    expect(rows).not.toContain(`"${code}"`);
    expect(rows).not.toContain(refreshToken);
  });

  test("a forgotten password: the code sets a new one, ends all sessions and tells the owner", async () => {
    await accounts.makeAccount(ada);
    const before = await login();
    await accounts.identity.forgotPassword({ email: ada });
    const code = await accounts.codeFor(ada);
    const reset = (password: string) =>
      accounts.identity.resetPassword({ email: ada, code, password });
    expect(await errorCode(reset("password1"))).toBe("weak_password");
    await reset(OTHER_PASSWORD);
    expect(await errorCode(reset(GOOD_PASSWORD))).toBe("invalid_code");
    expect(await errorCode(refresh(before.refreshToken))).toBe("session_ended");
    expect(await errorCode(login())).toBe("invalid_credentials");
    expect((await login(ada, OTHER_PASSWORD)).user.email).toBe(ada);
    expect((await accounts.mailsTo(ada)).at(-1)?.subject).toBe("Your Sluice password was changed");
  });

  test("a sign-up code resets no password and a reset code confirms no sign-up", async () => {
    await accounts.makeAccount(ada);
    await signUp(bob);
    const confirmation = await accounts.codeFor(bob);
    const asReset = { email: bob, code: confirmation, password: OTHER_PASSWORD };
    expect(await errorCode(accounts.identity.resetPassword(asReset))).toBe("invalid_code");
    await accounts.identity.forgotPassword({ email: ada });
    const code = await accounts.codeFor(ada);
    expect(await errorCode(accounts.identity.confirmSignUp({ email: ada, code }))).toBe(
      "invalid_code",
    );
  });
});
