import { expect, test } from "bun:test";
import { clientProblems } from "../../../../src/identity/cognito/check-pool.ts";

const good = {
  ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH" as const, "ALLOW_REFRESH_TOKEN_AUTH" as const],
  PreventUserExistenceErrors: "ENABLED" as const,
  EnableTokenRevocation: true,
};
const settings = { adminAuth: false, clientSecret: null };
const found = (client: object, over: object = {}) =>
  clientProblems({ ...settings, ...over }, { ...good, ...client }).map(
    ({ fatal, problem }) => `${fatal ? "stop" : "warn"}: ${problem}`,
  );

test("a client as the documentation asks for has no problems", () => {
  expect(found({})).toEqual([]);
  expect(
    found({
      ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH"],
      RefreshTokenRotation: { Feature: "ENABLED" },
    }),
  ).toEqual([]);
});

test("what can never work stops the server, what only leaks or lingers is said", () => {
  expect(found({}, { adminAuth: true })[0]).toStartWith(
    "stop: the app client does not allow ALLOW_ADMIN_USER_PASSWORD_AUTH",
  );
  expect(found({ ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH"] })[0]).toContain(
    "refresh no session",
  );
  expect(found({ ClientSecret: "s" })[0]).toContain("set COGNITO_CLIENT_SECRET");
  expect(found({ ClientSecret: "s" }, { clientSecret: "s" })).toEqual([]);
  expect(found({ PreventUserExistenceErrors: "LEGACY" })[0]).toStartWith("warn: ");
  expect(found({ EnableTokenRevocation: false })[0]).toStartWith("warn: ");
});
