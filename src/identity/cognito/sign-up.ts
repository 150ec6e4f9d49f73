import { eq } from "drizzle-orm";
import type { Database } from "../../db/index.ts";
import { cognitoSignUps } from "../../db/schema.ts";
import { SluiceError } from "../../errors.ts";
import type { Outbox } from "../../mail/outbox.ts";
import { alreadySignedUpMail } from "../../mail/texts.ts";
import { anyAccountExists, userByEmail } from "../accounts.ts";
import type { Admission } from "../admission.ts";
import { normaliseEmail, parseEmail, parseName } from "../email-address.ts";
import type { Identity } from "../index.ts";
import type { Passwords } from "../local/passwords.ts";
import { checkCognitoPassword } from "./check-password.ts";
import type { CognitoAccounts } from "./cognito-accounts.ts";
import type { CognitoApi } from "./cognito-api.ts";

type Parts = {
  readonly database: Database;
  readonly api: CognitoApi;
  readonly accounts: CognitoAccounts;
  readonly admission: Admission;
  readonly passwords: Passwords;
  readonly outbox: Outbox;
  readonly publicUrl: string;
  readonly now: () => Date;
};

/**
 * Sign-up at Cognito. It keeps the password of the first sign-up for an address and sends the codes.
 *
 * So somebody could sign up with your address before you do, and have you confirm *their* password
 * with the code that reaches you. Therefore a second sign-up with another password marks the first as
 * contested: once confirmed, the account lets nobody in until its password was reset by mail.
 */
export const createCognitoSignUp = (
  parts: Parts,
): Pick<Identity, "firstRun" | "signUp" | "confirmSignUp" | "resendCode"> => {
  const { api, accounts, admission, passwords, outbox, publicUrl, now } = parts;
  const { queries } = parts.database;

  const contest = async (email: string, password: string): Promise<void> => {
    const [waiting] = await queries
      .select({ hash: cognitoSignUps.passwordHash })
      .from(cognitoSignUps)
      .where(eq(cognitoSignUps.email, email));
    if (waiting && !(await passwords.verify(password, waiting.hash))) {
      await queries
        .update(cognitoSignUps)
        .set({ contested: true })
        .where(eq(cognitoSignUps.email, email));
    }
  };

  return {
    firstRun: async () => !(await anyAccountExists(queries)),

    signUp: async (input) => {
      const email = parseEmail(input.email);
      const name = parseName(input.name);
      const { password } = input;
      await checkCognitoPassword(password);
      const invitationId = await admission.admit(email, input.invitation);
      const passwordHash = await passwords.hash(password);
      const sub = await api.signUp({ email, name, password });
      if (sub !== null) {
        const row = { sub, name, invitationId, passwordHash, contested: false, createdAt: now() };
        await queries
          .insert(cognitoSignUps)
          .values({ email, ...row })
          .onConflictDoUpdate({ target: cognitoSignUps.email, set: row });
        return;
      }
      // The rest happens after the answer, which is the same as for a new address.
      outbox.post(async () => {
        await contest(email, password);
        await api.resendCode(email);
        const owner = await userByEmail(queries, email);
        return owner ? alreadySignedUpMail({ to: email, publicUrl }) : null;
      });
    },

    confirmSignUp: async (input) => {
      const email = normaliseEmail(input.email);
      await api.confirmSignUp(email, input.code);
      const [waiting] = await queries
        .select()
        .from(cognitoSignUps)
        .where(eq(cognitoSignUps.email, email));
      if (waiting) {
        const { sub, name } = waiting;
        await accounts
          .rowOf(sub, async () => ({ email, emailVerified: true, name }))
          .catch(conflictIsWrongCode);
      }
    },

    resendCode: async (input) => {
      await api.resendCode(parseEmail(input.email));
    },
  };
};

/** Who has not signed in does not learn that the address has another account. */
const conflictIsWrongCode = (error: unknown): never => {
  throw error instanceof SluiceError && error.code === "account_conflict"
    ? new SluiceError("invalid_code", { cause: error })
    : error;
};
