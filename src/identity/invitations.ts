import { randomBytes } from "node:crypto";
import { and, eq, gt, isNull, or } from "drizzle-orm";
import type { Queries } from "../db/index.ts";
import { invitations } from "../db/schema.ts";
import { hashOfToken } from "./refresh-tokens.ts";

export const INVITATION_DAYS = 7;
const TOKEN_BYTES = 32;
const DAY_MS = 86_400_000;

export type Invitations = ReturnType<typeof createInvitations>;

/** Invitations work once, for a week, and for one address where they name it. */
export const createInvitations = ({ queries, now }: { queries: Queries; now: () => Date }) => {
  const open = () => and(isNull(invitations.usedAt), gt(invitations.expiresAt, now()));
  return {
    create: async (createdBy: string, email: string | null): Promise<string> => {
      const token = randomBytes(TOKEN_BYTES).toString("base64url");
      await queries.insert(invitations).values({
        tokenHash: hashOfToken(token),
        email,
        createdBy,
        createdAt: now(),
        expiresAt: new Date(now().getTime() + INVITATION_DAYS * DAY_MS),
      });
      return token;
    },

    /** The invitation's id when this address may use it; null otherwise. Does not use it up. */
    find: async (token: string, email: string): Promise<string | null> => {
      const forAddress = or(isNull(invitations.email), eq(invitations.email, email));
      const [found] = await queries
        .select({ id: invitations.id })
        .from(invitations)
        .where(and(eq(invitations.tokenHash, hashOfToken(token)), forAddress, open()));
      return found?.id ?? null;
    },

    /** Uses it up; false when somebody else was faster or it has expired. */
    redeem: async (tx: Queries, id: string): Promise<boolean> => {
      const used = await tx
        .update(invitations)
        .set({ usedAt: now() })
        .where(and(eq(invitations.id, id), open()))
        .returning({ id: invitations.id });
      return used.length > 0;
    },
  };
};
