import { eq, sql } from "drizzle-orm";
import type { Queries } from "../db/index.ts";
import { codes, users } from "../db/schema.ts";
import { SluiceError } from "../errors.ts";
import type { User } from "./index.ts";

type UserRow = typeof users.$inferSelect;

/** Key of the advisory lock under which accounts are made; any constant does, it spells "signup". */
const SIGN_UP_LOCK_KEY = 0x7369676e7570;

export const toUser = ({ id, email, name, role, createdAt }: UserRow): User => ({
  id,
  email,
  name,
  role,
  createdAt,
});

/** Until the transaction ends, nobody else makes an account: exactly one is the first. */
export const lockSignUp = async (queries: Queries): Promise<void> => {
  await queries.execute(sql`select pg_advisory_xact_lock(${SIGN_UP_LOCK_KEY}::bigint)`);
};

export const anyAccountExists = async (queries: Queries): Promise<boolean> =>
  (await queries.select({ id: users.id }).from(users).limit(1)).length > 0;

export const userByEmail = async (queries: Queries, email: string): Promise<User | null> => {
  const [row] = await queries.select().from(users).where(eq(users.email, email));
  return row ? toUser(row) : null;
};

/** @throws SluiceError `not_signed_in` when the account is gone */
export const userById = async (queries: Queries, id: string): Promise<User> => {
  const [row] = await queries.select().from(users).where(eq(users.id, id));
  if (!row) {
    throw new SluiceError("not_signed_in");
  }
  return toUser(row);
};

/** Sessions and the password go with the row; codes belong to the address. */
export const removeAccount = async (queries: Queries, user: User): Promise<void> => {
  await queries.transaction(async (tx) => {
    await tx.delete(codes).where(eq(codes.email, user.email));
    await tx.delete(users).where(eq(users.id, user.id));
  });
};
