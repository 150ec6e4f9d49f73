import { and, eq } from "drizzle-orm";
import type { Database, Queries } from "../../db/index.ts";
import { cognitoSignUps, users } from "../../db/schema.ts";
import { SluiceError } from "../../errors.ts";
import { anyAccountExists, lockSignUp, toUser } from "../accounts.ts";
import type { Admission } from "../admission.ts";
import { normaliseEmail } from "../email-address.ts";
import type { User } from "../index.ts";

/** Whom Cognito vouches for. */
export type Person = {
  readonly sub: string;
  readonly email: string;
  /** Whether Cognito saw that the address is theirs. */
  readonly emailVerified: boolean;
  readonly name: string | null;
};

export type CognitoAccounts = ReturnType<typeof createCognitoAccounts>;

/**
 * Our rows of people whom Cognito keeps: Cognito first, the row second, and made up for at the next
 * login where it is missing.
 *
 * Whoever is in the pool may come in, since administrators of the pool put people there by hand. But
 * a sign-up that came through this server is held against `SIGN_UP` first: it waits in
 * `cognito_sign_ups` until its code came and it was admitted.
 */
export const createCognitoAccounts = (parts: {
  database: Database;
  admission: Admission;
  now: () => Date;
}) => {
  const { database, admission, now } = parts;
  const { queries } = database;

  const rowBySub = async (tx: Queries, sub: string) => {
    const [row] = await tx.select().from(users).where(eq(users.cognitoSub, sub));
    return row ?? null;
  };

  const waitingFor = async (tx: Queries, { sub, email }: Person) => {
    const [waiting] = await tx
      .select()
      .from(cognitoSignUps)
      .where(and(eq(cognitoSignUps.email, email), eq(cognitoSignUps.sub, sub)));
    return waiting ?? null;
  };

  /** An account of this server from before Cognito goes on under its address, if that was proven. */
  const adopt = async (tx: Queries, person: Person) => {
    const [known] = await tx.select().from(users).where(eq(users.email, person.email));
    if (!known) {
      return null;
    }
    if (known.cognitoSub !== null || !person.emailVerified) {
      throw new SluiceError("account_conflict");
    }
    const [row] = await tx
      .update(users)
      .set({ cognitoSub: person.sub })
      .where(eq(users.id, known.id))
      .returning();
    return row ?? null;
  };

  const make = async (tx: Queries, person: Person) => {
    await lockSignUp(tx);
    const present = (await rowBySub(tx, person.sub)) ?? (await adopt(tx, person));
    if (present !== null) {
      return present;
    }
    const isFirst = !(await anyAccountExists(tx));
    const waiting = await waitingFor(tx, person);
    if (waiting !== null) {
      await admission.admitFinally(tx, isFirst, waiting.invitationId);
    }
    const [row] = await tx
      .insert(users)
      .values({
        email: person.email,
        name: person.name ?? waiting?.name ?? person.email,
        cognitoSub: person.sub,
        role: isFirst ? "admin" : "user",
        mustResetPassword: waiting?.contested ?? false,
        confirmedAt: now(),
        createdAt: now(),
      })
      .returning();
    await tx.delete(cognitoSignUps).where(eq(cognitoSignUps.email, person.email));
    return row ?? null;
  };

  return {
    /**
     * The row of a person, made if it is missing.
     * @param ask who the person is; not asked while there is a row
     * @throws SluiceError `account_conflict`, `sign_up_closed`, `invitation_required`
     */
    rowOf: async (
      sub: string,
      ask: () => Promise<Omit<Person, "sub">>,
    ): Promise<{ user: User; mustResetPassword: boolean }> => {
      const known = await rowBySub(queries, sub);
      const person = known ? null : await ask();
      const row =
        known ??
        (person &&
          (await queries.transaction((tx) =>
            make(tx, { ...person, sub, email: normaliseEmail(person.email) }),
          )));
      if (row === null) {
        throw new SluiceError("internal");
      }
      return { user: toUser(row), mustResetPassword: row.mustResetPassword };
    },

    /** The password was set with a code from the mail: whoever chose the one before is out. */
    passwordWasReset: async (email: string): Promise<User | null> => {
      const [row] = await queries
        .update(users)
        .set({ mustResetPassword: false, passwordResetAt: now() })
        .where(eq(users.email, email))
        .returning();
      return row ? toUser(row) : null;
    },

    /** Whether the password was reset at or after that time. */
    wasResetSince: async (userId: string, time: Date): Promise<boolean> => {
      const [row] = await queries
        .select({ at: users.passwordResetAt })
        .from(users)
        .where(eq(users.id, userId));
      return row?.at !== null && row?.at !== undefined && row.at >= time;
    },
  };
};
