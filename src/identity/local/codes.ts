import { createHmac, randomInt, timingSafeEqual } from "node:crypto";
import { and, desc, eq, gt, inArray, isNotNull, isNull, lt, sql } from "drizzle-orm";
import type { Queries } from "../../db/index.ts";
import { type CodePurpose, codes, type PendingSignUp } from "../../db/schema.ts";
import { SluiceError } from "../../errors.ts";

export const CODE_MINUTES = 15;
/** Each a chance of one in a million; how many codes can be asked for is limited in `src/http/rate-limit.ts`. */
const TRIES_PER_CODE = 5;
const DIGITS = 6;
/** Codes of one address and purpose that work at once: asking again must not spoil the mail under way. */
const LIVE_PER_ADDRESS = 3;
/** A sign-up that was never confirmed can be taken up again so long. */
const KEPT_MS = 7 * 86_400_000;

type Which = { readonly email: string; readonly purpose: CodePurpose };

export type Codes = ReturnType<typeof createCodes>;

/** Six-digit codes for e-mail addresses. It is all the same to them whether there is such an account. */
export const createCodes = (options: { queries: Queries; key: Uint8Array; now: () => Date }) => {
  const { queries, key, now } = options;
  const hashOf = ({ email, purpose }: Which, code: string) =>
    createHmac("sha256", key).update(`${purpose}\n${email}\n${code}`).digest("hex");
  const of = ({ email, purpose }: Which) => and(eq(codes.email, email), eq(codes.purpose, purpose));
  const unexpired = () => and(isNull(codes.usedAt), gt(codes.expiresAt, now()));

  const prune = async (which: Which): Promise<void> => {
    const tooOld = new Date(now().getTime() - KEPT_MS);
    await queries.delete(codes).where(lt(codes.createdAt, tooOld));
    const surplus = queries
      .select({ id: codes.id })
      .from(codes)
      .where(of(which))
      .orderBy(desc(codes.createdAt), desc(codes.id))
      .offset(LIVE_PER_ADDRESS);
    await queries.delete(codes).where(inArray(codes.id, surplus));
  };

  /** Under a lock for the address, because several rows updated at once in different orders would deadlock. */
  const countTry = (which: Which) =>
    queries.transaction(async (tx) => {
      const name = `${which.purpose} ${which.email}`;
      await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
      return await tx
        .update(codes)
        .set({ tries: sql`${codes.tries} + 1` })
        .where(and(of(which), unexpired(), lt(codes.tries, TRIES_PER_CODE)))
        .returning();
    });

  return {
    /** A new code; `signUp` is what it makes an account of. Earlier ones go on working until they expire. */
    issue: async (which: Which & { signUp: PendingSignUp | null }): Promise<string> => {
      const code = String(randomInt(10 ** DIGITS)).padStart(DIGITS, "0");
      await queries.insert(codes).values({
        email: which.email,
        purpose: which.purpose,
        codeHash: hashOf(which, code),
        signUp: which.signUp,
        createdAt: now(),
        expiresAt: new Date(now().getTime() + CODE_MINUTES * 60_000),
      });
      await prune(which);
      return code;
    },

    /**
     * Uses a code up. The try is counted before the code is looked at: however many guesses arrive
     * at once, no code is compared with more than five.
     * @throws SluiceError `invalid_code`, `too_many_codes`
     */
    use: async (which: Which & { code: string }): Promise<{ signUp: PendingSignUp | null }> => {
      const tried = await countTry(which);
      const given = Buffer.from(hashOf(which, which.code));
      const match = tried.find(({ codeHash }) => timingSafeEqual(Buffer.from(codeHash), given));
      if (match) {
        const [used] = await queries
          .update(codes)
          .set({ usedAt: now() })
          .where(and(eq(codes.id, match.id), isNull(codes.usedAt)))
          .returning({ signUp: codes.signUp });
        if (used) {
          return used;
        }
      }
      const spent = tried.filter(({ tries }) => tries >= TRIES_PER_CODE).length === tried.length;
      const left = spent && (await queries.$count(codes, and(of(which), unexpired()))) > 0;
      throw new SluiceError(left ? "too_many_codes" : "invalid_code");
    },

    /** The newest sign-up that waits for the address, also when its code has expired. */
    pendingSignUp: async (email: string): Promise<PendingSignUp | null> => {
      const [newest] = await queries
        .select({ signUp: codes.signUp })
        .from(codes)
        .where(
          and(
            of({ email, purpose: "confirm_sign_up" }),
            isNotNull(codes.signUp),
            isNull(codes.usedAt),
          ),
        )
        .orderBy(desc(codes.createdAt), desc(codes.id))
        .limit(1);
      return newest?.signUp ?? null;
    },

    forget: async (which: Which): Promise<void> => {
      await queries.delete(codes).where(of(which));
    },
  };
};
