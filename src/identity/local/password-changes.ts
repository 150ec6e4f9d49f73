import type { Queries } from "../../db/index.ts";
import { SluiceError } from "../../errors.ts";
import type { Outbox } from "../../mail/outbox.ts";
import { passwordChangedMail, resetPasswordMail } from "../../mail/texts.ts";
import { userByEmail, userById } from "../accounts.ts";
import { normaliseEmail, parseEmail } from "../email-address.ts";
import type { Identity, Principal, User } from "../index.ts";
import type { Sessions } from "../sessions.ts";
import { CODE_MINUTES, type Codes } from "./codes.ts";
import { passwordHashOf, setPasswordHash } from "./password-hashes.ts";
import type { Passwords } from "./passwords.ts";

type Parts = {
  readonly queries: Queries;
  readonly codes: Codes;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly outbox: Outbox;
  readonly publicUrl: string;
  readonly now: () => Date;
};

const purpose = "reset_password";

/** Forgotten, reset and changed passwords; the owner of the address always hears of a change. */
export const createPasswordChanges = ({
  queries,
  codes,
  passwords,
  sessions,
  outbox,
  publicUrl,
  now,
}: Parts): Pick<
  Identity,
  "forgotPassword" | "resetPassword" | "changePassword" | "confirmPassword"
> => {
  const store = async (user: User, password: string): Promise<void> => {
    await setPasswordHash(queries, user.id, await passwords.hash(password), now());
    await codes.forget({ email: user.email, purpose });
    outbox.post(async () => passwordChangedMail({ to: user.email, publicUrl }));
  };

  const confirm = async ({ userId }: Principal, password: string): Promise<void> => {
    if (!(await passwords.verify(password, await passwordHashOf(queries, userId)))) {
      throw new SluiceError("invalid_credentials", { message: "The password is wrong." });
    }
  };

  return {
    forgotPassword: async (input) => {
      const email = parseEmail(input.email);
      outbox.post(async () => {
        const user = await userByEmail(queries, email);
        const code = await codes.issue({ email, purpose, signUp: null });
        return user ? resetPasswordMail({ to: email, code, minutes: CODE_MINUTES }) : null;
      });
    },

    resetPassword: async (input) => {
      const email = normaliseEmail(input.email);
      // First, so that a password that is refused does not cost the code.
      await passwords.check(input.password);
      await codes.use({ email, purpose, code: input.code });
      const user = await userByEmail(queries, email);
      if (user === null) {
        throw new SluiceError("invalid_code");
      }
      await store(user, input.password);
      await sessions.endAll(user.id, "password_changed");
    },

    changePassword: async ({ principal, currentPassword, newPassword }) => {
      await confirm(principal, currentPassword);
      await passwords.check(newPassword);
      await store(await userById(queries, principal.userId), newPassword);
      await sessions.endOthers(principal);
    },

    confirmPassword: ({ principal, password }) => confirm(principal, password),
  };
};
