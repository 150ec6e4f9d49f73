import type { Database, Queries } from "../../db/index.ts";
import { type PendingSignUp, users } from "../../db/schema.ts";
import { SluiceError } from "../../errors.ts";
import type { Outbox } from "../../mail/outbox.ts";
import { alreadySignedUpMail, confirmSignUpMail } from "../../mail/texts.ts";
import { anyAccountExists, lockSignUp, userByEmail } from "../accounts.ts";
import type { Admission } from "../admission.ts";
import { normaliseEmail, parseEmail, parseName } from "../email-address.ts";
import type { Identity } from "../index.ts";
import { CODE_MINUTES, type Codes } from "./codes.ts";
import { setPasswordHash } from "./password-hashes.ts";
import type { Passwords } from "./passwords.ts";

type Parts = {
  readonly database: Database;
  readonly codes: Codes;
  readonly admission: Admission;
  readonly passwords: Passwords;
  readonly outbox: Outbox;
  readonly publicUrl: string;
  readonly now: () => Date;
};

const purpose = "confirm_sign_up";

/**
 * Sign-up. An account comes to be when its code is confirmed and not before: until then name and
 * password wait beside the code. So an address that somebody else typed, or mistyped, is never taken,
 * nor is the administrator's place; and a stranger who signs up with your address (before or after
 * you) cannot have you confirm their password, because each mail confirms its own sign-up.
 */
export const createSignUp = ({
  database: { queries },
  codes,
  admission,
  passwords,
  outbox,
  publicUrl,
  now,
}: Parts): Pick<Identity, "firstRun" | "signUp" | "confirmSignUp" | "resendCode"> => {
  const makeAccount = async (tx: Queries, email: string, signUp: PendingSignUp) => {
    await lockSignUp(tx);
    const isFirst = !(await anyAccountExists(tx));
    await admission.admitFinally(tx, isFirst, signUp.invitationId);
    const [user] = await tx
      .insert(users)
      .values({
        email,
        name: signUp.name,
        role: isFirst ? "admin" : "user",
        confirmedAt: now(),
        createdAt: now(),
      })
      .onConflictDoNothing({ target: users.email })
      .returning();
    if (!user) {
      throw new SluiceError("invalid_code");
    }
    await setPasswordHash(tx, user.id, signUp.passwordHash, now());
  };

  return {
    firstRun: async () => !(await anyAccountExists(queries)),

    signUp: async (input) => {
      const email = parseEmail(input.email);
      const name = parseName(input.name);
      await passwords.check(input.password);
      const invitationId = await admission.admit(email, input.invitation);
      // From here on, all is the same whether the address has an account, but for the mail's words.
      const passwordHash = await passwords.hash(input.password);
      const owner = await userByEmail(queries, email);
      const signUp = owner ? null : { name, passwordHash, invitationId };
      const code = await codes.issue({ email, purpose, signUp });
      outbox.post(async () =>
        owner
          ? alreadySignedUpMail({ to: email, publicUrl })
          : confirmSignUpMail({ to: email, code, minutes: CODE_MINUTES }),
      );
    },

    confirmSignUp: async (input) => {
      const email = normaliseEmail(input.email);
      const { signUp } = await codes.use({ email, purpose, code: input.code });
      if (signUp === null) {
        throw new SluiceError("invalid_code");
      }
      await queries.transaction((tx) => makeAccount(tx, email, signUp));
      await codes.forget({ email, purpose });
    },

    resendCode: async (input) => {
      const email = parseEmail(input.email);
      outbox.post(async () => {
        const waiting = await codes.pendingSignUp(email);
        const signUp = waiting && !(await userByEmail(queries, email)) ? waiting : null;
        const code = await codes.issue({ email, purpose, signUp });
        return signUp ? confirmSignUpMail({ to: email, code, minutes: CODE_MINUTES }) : null;
      });
    },
  };
};
