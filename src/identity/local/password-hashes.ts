import { eq } from "drizzle-orm";
import type { Queries } from "../../db/index.ts";
import { passwords } from "../../db/schema.ts";

export const passwordHashOf = async (queries: Queries, userId: string): Promise<string | null> => {
  const [row] = await queries
    .select({ hash: passwords.hash })
    .from(passwords)
    .where(eq(passwords.userId, userId));
  return row?.hash ?? null;
};

export const setPasswordHash = async (
  queries: Queries,
  userId: string,
  hash: string,
  changedAt: Date,
): Promise<void> => {
  await queries
    .insert(passwords)
    .values({ userId, hash, changedAt })
    .onConflictDoUpdate({ target: passwords.userId, set: { hash, changedAt } });
};
