import { createHash } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import type { Queries } from "../db/index.ts";
import { idempotencyKeys } from "../db/schema.ts";
import { SluiceError } from "../errors.ts";

/** Printable ASCII, as long as Stripe takes them. */
const KEY = /^[\x21-\x7e]{1,255}$/;
/** Answers are given again for so long. */
const KEPT_HOURS = 24;
/** A first request that has no answer by then died with its process; a repetition takes its place. */
const ABANDONED_SECONDS = 60;

type IdempotentRequest = {
  readonly userId: string;
  /** Value of the `Idempotency-Key` header; null runs the work without any of this. */
  readonly key: string | null;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  /** Of a successful answer. */
  readonly status: number;
};

/**
 * Runs `work` once per user and key, and gives its answer again when the request is repeated within
 * a day. Failures are not kept: the repetition of a request that failed tries again.
 * @throws SluiceError `idempotency_key_reused`, `idempotency_key_in_use`, `validation_failed`
 */
export const idempotently = async <T>(
  queries: Queries,
  request: IdempotentRequest,
  work: () => Promise<T>,
): Promise<{ answer: T; replayed: boolean }> => {
  const { userId, key } = request;
  if (key === null) {
    return { answer: await work(), replayed: false };
  }
  if (!KEY.test(key)) {
    throw new SluiceError("validation_failed", {
      details: {
        problems: [{ field: "Idempotency-Key", message: "1 to 255 printable ASCII characters." }],
      },
    });
  }
  const requestHash = hashOf(request);
  if (!(await claim(queries, { userId, key, requestHash }))) {
    // What is stored under this hash is an answer of this very request.
    return {
      answer: (await storedAnswer(queries, { userId, key, requestHash })) as T,
      replayed: true,
    };
  }
  const own = and(
    eq(idempotencyKeys.userId, userId),
    eq(idempotencyKeys.key, key),
    eq(idempotencyKeys.requestHash, requestHash),
  );
  try {
    const answer = await work();
    await queries
      .update(idempotencyKeys)
      .set({ responseStatus: request.status, responseBody: answer })
      .where(own);
    return { answer, replayed: false };
  } catch (thrown) {
    await queries.delete(idempotencyKeys).where(own);
    throw thrown;
  }
};

type Claim = { readonly userId: string; readonly key: string; readonly requestHash: string };

/** One statement, so that of two at once one gets it; keys that are too old or were abandoned are free again. */
const claim = async (queries: Queries, values: Claim): Promise<boolean> => {
  const claimed = await queries
    .insert(idempotencyKeys)
    .values(values)
    .onConflictDoUpdate({
      target: [idempotencyKeys.userId, idempotencyKeys.key],
      set: {
        requestHash: values.requestHash,
        responseStatus: null,
        responseBody: null,
        createdAt: sql`now()`,
      },
      setWhere: sql`${idempotencyKeys.createdAt} < now() - make_interval(hours => ${KEPT_HOURS})
        or (${idempotencyKeys.responseStatus} is null
          and ${idempotencyKeys.createdAt} < now() - make_interval(secs => ${ABANDONED_SECONDS}))`,
    })
    .returning({ key: idempotencyKeys.key });
  return claimed.length > 0;
};

const storedAnswer = async (
  queries: Queries,
  { userId, key, requestHash }: Claim,
): Promise<unknown> => {
  const [stored] = await queries
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.userId, userId), eq(idempotencyKeys.key, key)));
  if (stored && stored.requestHash !== requestHash) {
    throw new SluiceError("idempotency_key_reused");
  }
  if (!stored || stored.responseStatus === null) {
    throw new SluiceError("idempotency_key_in_use", { details: { retryAfterSeconds: 1 } });
  }
  return stored.responseBody;
};

const hashOf = ({ method, path, body }: IdempotentRequest): string =>
  createHash("sha256")
    .update(JSON.stringify([method, path, body]))
    .digest("hex");
