import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isErrorCode } from "../../../../src/errors.ts";
import { httpStatus } from "../../../../src/http/errors.ts";
import {
  type CognitoOperation,
  cognitoOperations,
  fromCognito,
  isCognitoException,
  meaningOf,
} from "../../../../src/identity/cognito/exceptions.ts";

const root = join(import.meta.dir, "../../../..");
const source = readFileSync(join(root, "src/identity/cognito/cognito-api.ts"), "utf8");
const commandFolder = join(
  root,
  "node_modules/@aws-sdk/client-cognito-identity-provider/dist-types/commands",
);

/** The commands that the adapter imports. */
const commands = [...new Set(source.match(/\b[A-Z]\w+Command\b/g))];
/** What the SDK's models say each can throw. */
const exceptionsOf = (command: string): string[] =>
  [
    ...readFileSync(join(commandFolder, `${command}.d.ts`), "utf8").matchAll(
      /@throws \{@link (\w+)\}/g,
    ),
  ]
    .map(([, name = ""]) => name)
    // The class that the others extend.
    .filter((name) => name !== "CognitoIdentityProviderServiceException");

const fail = (name: string, message = "Words of Cognito.") =>
  Object.assign(new Error(message), { name });

test("every exception of every command we call has a place in the table", () => {
  expect(commands.length).toBeGreaterThan(18);
  const known = new Set(readdirSync(commandFolder));
  for (const command of commands) {
    expect(known).toContain(`${command}.d.ts`);
    const exceptions = exceptionsOf(command);
    expect(exceptions.length).toBeGreaterThan(3);
    for (const name of exceptions) {
      expect({ command, name, known: isCognitoException(name) }).toEqual({
        command,
        name,
        known: true,
      });
    }
  }
});

test("each meaning is a code with a status, or shows nothing", () => {
  const names = [...new Set(commands.flatMap(exceptionsOf))];
  expect(names.length).toBeGreaterThan(30);
  for (const operation of cognitoOperations) {
    for (const name of names.filter(isCognitoException)) {
      const meaning = meaningOf(operation, name);
      const error = fromCognito(operation, fail(name));
      expect(error?.code ?? "neutral").toBe(meaning);
      if (meaning !== "neutral") {
        expect(isErrorCode(meaning)).toBe(true);
        expect(httpStatus(meaning)).toBeGreaterThanOrEqual(400);
      }
    }
  }
});

const statuses: [CognitoOperation, string, string, number][] = [
  ["sign_in", "NotAuthorizedException", "invalid_credentials", 401],
  ["sign_in", "UserNotFoundException", "invalid_credentials", 401],
  ["sign_in", "PasswordResetRequiredException", "invalid_credentials", 401],
  ["sign_in", "UserNotConfirmedException", "account_not_confirmed", 403],
  ["confirm_sign_up", "CodeMismatchException", "invalid_code", 400],
  ["confirm_sign_up", "ExpiredCodeException", "invalid_code", 400],
  ["sign_up", "InvalidPasswordException", "weak_password", 422],
  ["reset_password", "LimitExceededException", "rate_limited", 429],
  ["sign_in", "TooManyFailedAttemptsException", "rate_limited", 429],
  ["sign_in", "TooManyRequestsException", "rate_limited", 429],
  ["challenge", "NotAuthorizedException", "challenge_not_pending", 409],
  ["refresh", "NotAuthorizedException", "session_ended", 401],
  ["refresh", "RefreshTokenReuseException", "session_ended", 401],
  ["sign_in", "InternalErrorException", "identity_unavailable", 503],
  ["sign_in", "ResourceNotFoundException", "identity_misconfigured", 500],
  ["sign_up", "NotAuthorizedException", "sign_up_closed", 403],
];
test.each(statuses)("%s: %s is %s with status %d", (operation, name, code, status) => {
  const error = fromCognito(operation, fail(name));
  expect(error?.code).toBe(code as never);
  expect(error && httpStatus(error.code)).toBe(status);
  expect(error?.details.retryAfterSeconds !== undefined).toBe(status === 429);
});

test("nothing tells whether an address has an account", () => {
  const said = (operation: CognitoOperation, name: string) => {
    const error = fromCognito(operation, fail(name, `Words about ${name}`));
    return error === null ? "neutral" : `${error.code} ${error.message}`;
  };
  const same = (operation: CognitoOperation, names: string[]) =>
    expect(new Set(names.map((name) => said(operation, name))).size).toBe(1);
  same("sign_in", [
    "NotAuthorizedException",
    "UserNotFoundException",
    "PasswordResetRequiredException",
    "UserLambdaValidationException",
    "InvalidParameterException",
  ]);
  same("confirm_sign_up", [
    "CodeMismatchException",
    "ExpiredCodeException",
    "UserNotFoundException",
    "NotAuthorizedException",
    "InvalidParameterException",
    "AliasExistsException",
  ]);
  same("reset_password", [
    "CodeMismatchException",
    "ExpiredCodeException",
    "UserNotFoundException",
    "NotAuthorizedException",
    "UserNotConfirmedException",
    "InvalidParameterException",
  ]);
  for (const operation of ["resend_code", "forgot_password"] as const) {
    for (const name of [
      "UserNotFoundException",
      "NotAuthorizedException",
      "UserNotConfirmedException",
      "InvalidParameterException",
      "CodeDeliveryFailureException",
      "LimitExceededException",
    ]) {
      expect(said(operation, name)).toBe("neutral");
    }
  }
  expect(said("sign_up", "UsernameExistsException")).toBe("neutral");
});

test("faults of the settings are the operator's, under whatever name they come", () => {
  for (const message of [
    "Client abc is configured with secret but SECRET_HASH was not received",
    "Unable to verify secret hash for client abc",
  ]) {
    expect(fromCognito("sign_in", fail("NotAuthorizedException", message))?.code).toBe(
      "identity_misconfigured",
    );
  }
  const flow = "USER_PASSWORD_AUTH flow not enabled for this client";
  expect(fromCognito("sign_in", fail("InvalidParameterException", flow))?.code).toBe(
    "identity_misconfigured",
  );
  expect(fromCognito("sign_in", fail("CredentialsProviderError"))?.code).toBe(
    "identity_misconfigured",
  );
  expect(fromCognito("sign_in", fail("TimeoutError"))?.code).toBe("identity_unavailable");
});
