/** The account routes over real HTTP: cookies, bearer tokens, limits, and what a stranger learns. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type AnyElysia, Elysia } from "elysia";
import type { Database } from "../../../src/db/index.ts";
import { createApp } from "../../../src/http/app.ts";
import { authRoutes } from "../../../src/http/auth.ts";
import { createMetrics } from "../../../src/http/metrics.ts";
import { openApiRoutes } from "../../../src/http/openapi.ts";
import { createRateLimits } from "../../../src/http/rate-limit.ts";
import type { Identity } from "../../../src/identity/index.ts";
import { createLog } from "../../../src/log.ts";
import { type Accounts, GOOD_PASSWORD, openAccounts, otherThan } from "../../fixtures/accounts.ts";
import { openTestDatabase } from "../../fixtures/databases.ts";

const ada = "ada@example.org";
const bob = "bob@example.org";
const OTHER_PASSWORD = "another horse battery staple";
const DAY_SECONDS = 86_400;

// The first test waits for the embedded database to start.
setDefaultTimeout(60_000);

let database: Database;
let accounts: Accounts;
let app: AnyElysia;
let base: string;
let removed: string[];

const start = async (publicUrl: string) => {
  database = await openTestDatabase("pglite");
  accounts = await openAccounts(database, { publicUrl });
  removed = [];
  app = createApp(
    {
      log: createLog("test", "silent"),
      metrics: createMetrics(async () => ({ pending: 0, running: 0 })),
      publicUrl,
    },
    [
      authRoutes({
        identity: accounts.identity,
        rateLimits: createRateLimits(),
        publicUrl,
        trustProxy: 1,
        removeAllVideos: async (userId) => {
          // While videos are removed the account must still be there to own them.
          await accounts.identity.user(userId);
          removed.push(userId);
        },
      }),
    ],
  );
  app.listen({ port: 0, hostname: "127.0.0.1" });
  base = `http://127.0.0.1:${app.server?.port}`;
};
const stop = async () => {
  await app.stop();
  await database.close();
};

type Options = {
  method?: string;
  body?: unknown;
  cookie?: string;
  bearer?: string;
  headers?: Record<string, string>;
};
const call = (path: string, { method, body, cookie, bearer, headers }: Options = {}) =>
  fetch(`${base}/auth${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(cookie === undefined ? {} : { cookie }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
/** Status and code of a problem, or the status alone. */
const outcome = async (answer: Response | Promise<Response>): Promise<string> => {
  const { status, headers } = await answer;
  const problem = headers.get("content-type") === "application/problem+json";
  return problem ? `${status} ${(await (await answer).json()).code}` : String(status);
};
const login = (email = ada, password = GOOD_PASSWORD, extra: Options = {}) =>
  call("/login", { body: { email, password }, ...extra });

/** Name to value and attributes, as a browser takes them. */
const cookiesOf = (answer: Response) =>
  new Map(
    answer.headers.getSetCookie().map((line) => {
      const [pair = "", ...attributes] = line.split("; ");
      const at = pair.indexOf("=");
      return [pair.slice(0, at), { value: pair.slice(at + 1), attributes: attributes.sort() }];
    }),
  );
const cookieHeader = (answer: Response): string =>
  [...cookiesOf(answer)].map(([name, { value }]) => `${name}=${value}`).join("; ");

describe("the account routes", () => {
  beforeEach(() => start("http://127.0.0.1:3000"));
  afterEach(stop);

  test("the whole walk: sign up, confirm, log in, who am I, log out", async () => {
    const signUp = { email: ada, name: "Ada", password: GOOD_PASSWORD };
    expect(await outcome(call("/signup", { body: signUp }))).toBe("202");
    expect(await outcome(login())).toBe("403 account_not_confirmed");
    const code = await accounts.codeFor(ada);
    expect(await outcome(call("/confirm-signup", { body: { email: ada, code } }))).toBe("204");
    const signedIn = await login();
    expect(signedIn.status).toBe(200);
    expect(signedIn.headers.get("cache-control")).toBe("no-store");
    const cookie = cookieHeader(signedIn);
    expect(await (await call("/me", { cookie })).json()).toMatchObject({
      email: ada,
      name: "Ada",
      role: "admin",
    });
    const out = await call("/logout", { method: "POST", cookie });
    expect(out.status).toBe(204);
    expect(cookiesOf(out).get("access_token")).toEqual({
      value: "",
      attributes: ["HttpOnly", "Max-Age=0", "Path=/", "SameSite=Lax"],
    });
    expect(cookiesOf(out).get("refresh_token")).toEqual({
      value: "",
      attributes: ["HttpOnly", "Max-Age=0", "Path=/auth", "SameSite=Strict"],
    });
    expect(await outcome(call("/refresh", { method: "POST", cookie }))).toBe("401 session_ended");
    expect(await outcome(call("/me"))).toBe("401 not_signed_in");
  });

  test("cookies are HttpOnly, and the refresh token goes to /auth alone and never across sites", async () => {
    await accounts.makeAccount(ada);
    const cookies = cookiesOf(await login());
    const age = (name: string) => {
      const attribute = cookies.get(name)?.attributes.find((one) => one.startsWith("Max-Age="));
      return Number(attribute?.slice("Max-Age=".length));
    };
    const others = (name: string) =>
      cookies.get(name)?.attributes.filter((one) => !one.startsWith("Max-Age="));
    expect(others("access_token")).toEqual(["HttpOnly", "Path=/", "SameSite=Lax"]);
    expect(others("refresh_token")).toEqual(["HttpOnly", "Path=/auth", "SameSite=Strict"]);
    expect(age("access_token")).toBeWithin(590, 601);
    expect(age("refresh_token")).toBeWithin(30 * DAY_SECONDS - 10, 30 * DAY_SECONDS + 1);
  });

  test("a browser gets its tokens in cookies alone; other clients get them in the body", async () => {
    await accounts.makeAccount(ada);
    const browser = await login(ada, GOOD_PASSWORD, {
      headers: { "sec-fetch-site": "same-origin" },
    });
    expect(await browser.json()).toMatchObject({ accessToken: null, refreshToken: null });
    const refreshed = await call("/refresh", { method: "POST", cookie: cookieHeader(browser) });
    expect(await refreshed.json()).toMatchObject({ accessToken: null, refreshToken: null });

    const tokens = await (await login()).json();
    expect(await outcome(call("/me", { bearer: tokens.accessToken }))).toBe("200");
    const next = await call("/refresh", { body: { refreshToken: tokens.refreshToken } });
    expect(next.headers.getSetCookie()).toEqual([]);
    expect((await next.json()).refreshToken).toBeString();
  });

  test("two tabs that refresh at once both stay signed in, and go on refreshing", async () => {
    await accounts.makeAccount(ada);
    const cookie = cookieHeader(await login());
    const tabs = await Promise.all(
      [1, 2, 3].map(() => call("/refresh", { method: "POST", cookie })),
    );
    expect(tabs.map(({ status }) => status)).toEqual([200, 200, 200]);
    // Whichever answer the browser took last, its cookie is the one that counts.
    expect(new Set(tabs.map((tab) => cookiesOf(tab).get("refresh_token")?.value)).size).toBe(1);
    accounts.pass(60_000);
    for (const tab of tabs) {
      const answer = call("/refresh", { method: "POST", cookie: cookieHeader(tab) });
      expect(await outcome(answer)).toBe("200");
    }
  });

  test("a refresh token used again after the grace ends the session and clears the cookies", async () => {
    await accounts.makeAccount(ada);
    const stolen = cookieHeader(await login());
    const honest = cookieHeader(await call("/refresh", { method: "POST", cookie: stolen }));
    accounts.pass(31_000);
    const again = await call("/refresh", { method: "POST", cookie: stolen });
    expect(cookiesOf(again).get("refresh_token")?.value).toBe("");
    expect(await outcome(again)).toBe("401 refresh_token_reused");
    expect(await outcome(call("/refresh", { method: "POST", cookie: honest }))).toBe(
      "401 session_ended",
    );
    // The access token still reads for its last minutes, but changes nothing any more.
    expect(await outcome(call("/logout-everywhere", { method: "POST", cookie: honest }))).toBe(
      "401 session_ended",
    );
  });

  test("logging in again ends the session that the browser had before", async () => {
    await accounts.makeAccount(ada);
    const before = cookieHeader(await login());
    const after = cookieHeader(await login(ada, GOOD_PASSWORD, { cookie: before }));
    const { items } = await (await call("/sessions", { cookie: after })).json();
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ current: true });
  });

  test("signing up, resending and forgetting answer alike for any address", async () => {
    await accounts.makeAccount(ada);
    const answers = async (email: string) => {
      const signUp = { email, name: "Eve", password: OTHER_PASSWORD };
      return [
        await call("/signup", { body: signUp }),
        await call("/resend-code", { body: { email } }),
        await call("/forgot-password", { body: { email } }),
        await call("/confirm-signup", { body: { email, code: "000000" } }),
        await call("/reset-password", {
          body: { email, code: "000000", password: OTHER_PASSWORD },
        }),
        await login(email, "wrong password"),
      ];
    };
    const shown = async (responses: Response[]) =>
      await Promise.all(
        responses.map(async (response) => {
          const { requestId, ...body } = JSON.parse((await response.text()) || "{}");
          return [response.status, [...response.headers.keys()].sort(), body];
        }),
      );
    expect(await shown(await answers(ada))).toEqual(await shown(await answers(bob)));
    expect((await accounts.mailsTo(ada)).map(({ subject }) => subject)).toContain(
      "You already have a Sluice account",
    );
  });

  test("a wrong code five times: the right one no longer works, a new one does", async () => {
    await call("/signup", { body: { email: ada, name: "Ada", password: GOOD_PASSWORD } });
    const code = await accounts.codeFor(ada);
    const confirm = (given: string) =>
      outcome(call("/confirm-signup", { body: { email: ada, code: given } }));
    for (let time = 1; time <= 4; time += 1) {
      expect(await confirm(otherThan(code))).toBe("400 invalid_code");
    }
    expect(await confirm(otherThan(code))).toBe("400 too_many_codes");
    expect(await confirm(code)).toBe("400 too_many_codes");
    await call("/resend-code", { body: { email: ada } });
    expect(await confirm(await accounts.codeFor(ada))).toBe("204");
  });

  test("too many logins are refused with Retry-After, from that network alone", async () => {
    await accounts.makeAccount(ada);
    const from = (address: string) => ({ headers: { "x-forwarded-for": `6.6.6.6, ${address}` } });
    for (let time = 1; time <= 10; time += 1) {
      expect(await outcome(login(ada, "wrong password", from("192.0.2.1")))).toBe(
        "401 invalid_credentials",
      );
    }
    const refused = await login(ada, GOOD_PASSWORD, from("192.0.2.1"));
    expect(Number(refused.headers.get("retry-after"))).toBeWithin(1, 901);
    expect(await outcome(refused)).toBe("429 rate_limited");
    expect(await outcome(login(ada, GOOD_PASSWORD, from("192.0.2.2")))).toBe("200");
  });

  test("the session list shows where from, and ends one's own sessions only", async () => {
    await accounts.makeAccount(ada);
    await accounts.makeAccount(bob);
    const headers = { "user-agent": "Firefox", "x-forwarded-for": "192.0.2.7" };
    const here = cookieHeader(await login(ada, GOOD_PASSWORD, { headers }));
    const bobs = cookieHeader(await login(bob));
    const { items } = await (await call("/sessions", { cookie: here })).json();
    expect(items).toMatchObject([{ current: true, userAgent: "Firefox", address: "192.0.2.7" }]);
    const end = (cookie: string, id = items[0].id) =>
      outcome(call(`/sessions/${id}`, { method: "DELETE", cookie }));
    expect(await end(bobs)).toBe("404 not_found");
    expect(await end(here, "abc")).toBe("422 validation_failed");
    expect(await end(here)).toBe("204");
    expect(await end(here)).toBe("401 session_ended");
  });

  test("deleting the account: the password first, then the videos, then the account", async () => {
    await accounts.makeAccount(ada);
    const signedIn = await login();
    const cookie = cookieHeader(signedIn);
    const remove = (password: string) =>
      call("/me", { method: "DELETE", body: { password }, cookie });
    expect(await outcome(remove("wrong password"))).toBe("401 invalid_credentials");
    expect(removed).toEqual([]);
    expect(await outcome(call("/me", { cookie }))).toBe("200");
    const gone = await remove(GOOD_PASSWORD);
    expect(gone.status).toBe(204);
    expect(cookiesOf(gone).get("access_token")?.value).toBe("");
    expect(removed).toEqual([(await signedIn.json()).user.id]);
    expect(await outcome(call("/me", { cookie }))).toBe("401 not_signed_in");
    expect(await outcome(login())).toBe("401 invalid_credentials");
  });

  test("changing the password, resetting it, inviting", async () => {
    await accounts.makeAccount(ada);
    const cookie = cookieHeader(await login());
    const change = { currentPassword: GOOD_PASSWORD, newPassword: OTHER_PASSWORD };
    expect(await outcome(call("/change-password", { body: change, cookie }))).toBe("204");
    expect(await outcome(call("/change-password", { body: change, cookie }))).toBe(
      "401 invalid_credentials",
    );
    const invited = await call("/invitations", { body: {}, cookie });
    expect(invited.status).toBe(201);
    const { invitation, url } = await invited.json();
    expect(url).toBe(`http://127.0.0.1:3000/signup?invitation=${invitation}`);
    await call("/forgot-password", { body: { email: ada } });
    const reset = { email: ada, code: await accounts.codeFor(ada), password: GOOD_PASSWORD };
    expect(await outcome(call("/reset-password", { body: reset }))).toBe("204");
    expect(await outcome(call("/invitations", { body: {}, cookie }))).toBe("401 session_ended");
    expect(await outcome(login())).toBe("200");
  });

  test("cookies that nobody sane would send are refused like any other", async () => {
    for (const value of ["%E0%A4%A", "{}", "[1]", "null", "a".repeat(5_000), "%00"]) {
      const cookie = `access_token=${value}; refresh_token=${value}`;
      expect(await outcome(call("/me", { cookie }))).toBe("401 not_signed_in");
      expect(await outcome(call("/refresh", { method: "POST", cookie }))).toStartWith("401 ");
    }
  });

  test("there is no challenge to answer", async () => {
    expect(await outcome(call("/challenge", { body: {} }))).toBe("409 challenge_not_pending");
  });

  test("another site can neither sign a browser in nor act for it", async () => {
    await accounts.makeAccount(ada);
    const credentials = JSON.stringify({ email: ada, password: GOOD_PASSWORD });
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const answer = fetch(`${base}/auth/login`, {
        method: "POST",
        body: credentials,
        headers: { "content-type": type },
      });
      expect(await outcome(answer)).toStartWith("4");
      expect((await answer).headers.getSetCookie()).toEqual([]);
    }
    const cookie = cookieHeader(await login());
    const crossSite = { "sec-fetch-site": "cross-site" };
    expect(await outcome(call("/logout", { method: "POST", cookie, headers: crossSite }))).toBe(
      "403 cross_site_request",
    );
    expect(await outcome(call("/me", { cookie }))).toBe("200");
  });

  test("what is missing or wrong in a body is named", async () => {
    const answer = await call("/signup", { body: { email: "nobody", name: "x" } });
    expect(answer.status).toBe(422);
    const email = { email: "nobody", name: "x", password: GOOD_PASSWORD };
    const problem = await (await call("/signup", { body: email })).json();
    expect(problem).toMatchObject({ code: "validation_failed", problems: [{ field: "email" }] });
    const weak = { ...email, email: ada, password: "password1" };
    expect(await outcome(call("/signup", { body: weak }))).toBe("422 weak_password");
    expect(await outcome(call("/refresh", { method: "POST" }))).toBe("401 not_signed_in");
    expect(await outcome(call("/refresh", { body: { refreshToken: "made up" } }))).toBe(
      "401 session_ended",
    );
  });
});

describe("behind https", () => {
  beforeEach(() => start("https://video.example.org"));
  afterEach(stop);

  test("both cookies are Secure", async () => {
    await accounts.makeAccount(ada);
    for (const { attributes } of cookiesOf(await login()).values()) {
      expect(attributes).toContain("Secure");
    }
  });
});

test("the OpenAPI description of the account routes is one that tools can read", async () => {
  const publicUrl = "http://127.0.0.1:3000";
  const described = new Elysia().use(openApiRoutes(publicUrl)).use(
    authRoutes({
      identity: {} as Identity,
      rateLimits: createRateLimits(),
      publicUrl,
      trustProxy: 0,
      removeAllVideos: async () => {},
    }),
  );
  const answer = await described.handle(new Request(`${publicUrl}/openapi/json`));
  const { paths } = await answer.json();
  expect(Object.keys(paths).filter((path) => path.startsWith("/auth/"))).toHaveLength(17);
  const { requestBody, responses, security } = paths["/auth/login"].post;
  expect(Object.keys(requestBody.content)).toEqual(["application/json"]);
  expect(Object.keys(responses)).toEqual(expect.arrayContaining(["200", "401", "403", "429"]));
  expect(security).toEqual([]);
  expect(paths["/auth/confirm-signup"].post.responses["204"]).toEqual({
    description: expect.any(String),
  });
  expect(paths["/auth/me"].delete.security).toBeUndefined();
});
