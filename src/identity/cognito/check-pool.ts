import type { UserPoolClientType } from "@aws-sdk/client-cognito-identity-provider";
import { SluiceError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { CognitoApi, CognitoSettings } from "./cognito-api.ts";
import type { TokenCheck } from "./tokens.ts";

/** Outside AWS the search for credentials can take long; the check is not worth it. */
const DESCRIBE_MS = 5_000;

/**
 * Tries pool and client when the server starts. What can never work stops it; what may pass (no
 * connection) is logged, and each login tries again.
 * @throws SluiceError `identity_misconfigured` with what Cognito said
 */
export const checkPool = async (
  settings: CognitoSettings,
  { api, check, log }: { api: CognitoApi; check: TokenCheck; log: Log },
): Promise<void> => {
  await tryLogin(api, log);
  await check
    .warmUp()
    .catch((err) => log.warn({ err }, "the keys of the user pool cannot be fetched yet"));
  try {
    const client = await api.describeClient(AbortSignal.timeout(DESCRIBE_MS));
    for (const { fatal, problem } of clientProblems(settings, client)) {
      if (fatal) {
        throw misconfigured(problem);
      }
      log.warn({ clientId: settings.clientId }, problem);
    }
  } catch (thrown) {
    if (thrown instanceof SluiceError) {
      throw thrown;
    }
    // Needs cognito-idp:DescribeUserPoolClient, which signing in does not.
    log.info(
      { reason: thrown instanceof Error ? thrown.name : String(thrown) },
      "the user pool client's settings could not be read; they are not checked",
    );
  }
};

/** A login of nobody: tells a wrong pool, client, secret or flow without any permission. */
const tryLogin = async (api: CognitoApi, log: Log): Promise<void> => {
  try {
    await api.signIn(`nobody-${crypto.randomUUID()}@sluice.invalid`, crypto.randomUUID(), null);
  } catch (error) {
    if (!(error instanceof SluiceError)) {
      throw error;
    }
    if (error.code === "identity_misconfigured") {
      throw misconfigured(wordsOf(error));
    }
    if (error.code === "identity_unavailable") {
      log.error({ err: error.cause }, "Cognito cannot be reached; nobody can sign in until it can");
    }
  }
};

const wordsOf = ({ cause, message }: SluiceError): string =>
  cause instanceof Error ? `${cause.name}: ${cause.message}` : message;

const misconfigured = (what: string): SluiceError =>
  new SluiceError("identity_misconfigured", {
    message: `Cognito: ${what.replace(/\.?$/, ".")} See “Accounts in Cognito” in docs/operations.md.`,
  });

type ClientProblem = { readonly fatal: boolean; readonly problem: string };

/** What is wrong with a client's settings; pure. */
export const clientProblems = (
  { adminAuth, clientSecret }: Pick<CognitoSettings, "adminAuth" | "clientSecret">,
  client: UserPoolClientType,
): ClientProblem[] => {
  const flows: readonly string[] = client.ExplicitAuthFlows ?? [];
  const login = adminAuth ? "ALLOW_ADMIN_USER_PASSWORD_AUTH" : "ALLOW_USER_PASSWORD_AUTH";
  const rotates = client.RefreshTokenRotation?.Feature === "ENABLED";
  const problems: (ClientProblem | false)[] = [
    !flows.includes(login) && {
      fatal: true,
      problem: `the app client does not allow ${login}; add it to its authentication flows`,
    },
    !rotates &&
      !flows.includes("ALLOW_REFRESH_TOKEN_AUTH") && {
        fatal: true,
        problem:
          "the app client can refresh no session; allow ALLOW_REFRESH_TOKEN_AUTH or switch refresh token rotation on",
      },
    client.ClientSecret !== undefined &&
      clientSecret === null && {
        fatal: true,
        problem: "the app client has a secret; set COGNITO_CLIENT_SECRET",
      },
    client.PreventUserExistenceErrors !== "ENABLED" && {
      fatal: false,
      problem:
        "the app client tells who has an account (PreventUserExistenceErrors is not ENABLED); the answers of this server do not, but their timing may",
    },
    client.EnableTokenRevocation === false && {
      fatal: false,
      problem:
        "the app client cannot revoke tokens (EnableTokenRevocation); signing out ends sessions here alone",
    },
  ];
  return problems.filter((one) => one !== false);
};
