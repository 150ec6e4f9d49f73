import { expect, test } from "bun:test";
import { Elysia } from "elysia";
import { SluiceError } from "../../../src/errors.ts";
import { authentication } from "../../../src/http/authentication.ts";
import { httpStatus } from "../../../src/http/errors.ts";
import type { Identity, Principal } from "../../../src/identity/index.ts";

const ada: Principal = { userId: "u", sessionId: "s", role: "user" };

/** Believes the token `good`; its session has ended when `ended` is set. */
const identityWhere = (ended: boolean): Identity =>
  ({
    verifyAccessToken: async (token: string) => {
      if (token !== "good") {
        throw new SluiceError("not_signed_in");
      }
      return ada;
    },
    checkSession: async () => {
      if (ended) {
        throw new SluiceError("session_ended");
      }
    },
  }) as unknown as Identity;

const appWhere = ({ ended = false } = {}) =>
  new Elysia()
    .onError(({ error }) =>
      error instanceof SluiceError
        ? new Response(error.code, { status: httpStatus(error.code) })
        : undefined,
    )
    .use(authentication(identityWhere(ended)))
    .get("/mine", ({ principal }) => principal.userId, { signedIn: true })
    .post("/mine", ({ principal }) => principal.userId, { signedIn: true })
    .get("/public", ({ principal }) => principal?.userId ?? "nobody", { signedInOptional: true })
    .post("/public", ({ principal }) => principal?.userId ?? "nobody", { signedInOptional: true })
    .get("/free", () => "free");

const ask = async (
  app: ReturnType<typeof appWhere>,
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
) => {
  const answer = await app.handle(new Request(`http://localhost${path}`, { method, headers }));
  return `${answer.status} ${await answer.text()}`;
};

test("signedIn takes a cookie or a bearer token and gives the handler its principal", async () => {
  const app = appWhere();
  expect(await ask(app, "/mine", { cookie: "access_token=good" })).toBe("200 u");
  expect(await ask(app, "/mine", { authorization: "Bearer good" })).toBe("200 u");
  expect(await ask(app, "/mine", { authorization: "bearer good" })).toBe("200 u");
});

test("signedIn refuses nobody, a bad token and another scheme", async () => {
  const app = appWhere();
  expect(await ask(app, "/mine")).toBe("401 not_signed_in");
  expect(await ask(app, "/mine", { cookie: "access_token=bad" })).toBe("401 not_signed_in");
  expect(await ask(app, "/mine", { cookie: "access_token=" })).toBe("401 not_signed_in");
  expect(await ask(app, "/mine", { authorization: "Basic Z29vZA==" })).toBe("401 not_signed_in");
});

test("a bearer token counts even beside a good cookie: the caller chose it", async () => {
  const both = { authorization: "Bearer bad", cookie: "access_token=good" };
  expect(await ask(appWhere(), "/mine", both)).toBe("401 not_signed_in");
});

test("signedInOptional takes a worn-out cookie for nobody and refuses a bad bearer token", async () => {
  const app = appWhere();
  expect(await ask(app, "/public")).toBe("200 nobody");
  expect(await ask(app, "/public", { cookie: "access_token=good" })).toBe("200 u");
  expect(await ask(app, "/public", { cookie: "access_token=bad" })).toBe("200 nobody");
  expect(await ask(app, "/public", { authorization: "Bearer bad" })).toBe("401 not_signed_in");
});

test("an ended session still reads until its token expires, and changes nothing", async () => {
  const app = appWhere({ ended: true });
  const cookie = { cookie: "access_token=good" };
  expect(await ask(app, "/mine", cookie)).toBe("200 u");
  expect(await ask(app, "/mine", cookie, "POST")).toBe("401 session_ended");
  expect(await ask(app, "/public", cookie, "POST")).toBe("200 nobody");
});

test("a route without the macro asks nobody", async () => {
  expect(await ask(appWhere(), "/free", { authorization: "Bearer bad" })).toBe("200 free");
});
