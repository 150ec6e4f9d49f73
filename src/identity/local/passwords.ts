import { availableParallelism } from "node:os";
import pLimit from "p-limit";
import { SluiceError } from "../../errors.ts";
import { checkPassword, normalisePassword } from "../password-rules.ts";

/** What an argon2id hash costs; Bun's only degree of parallelism is 1. */
export type HashCost = { readonly memoryKib: number; readonly iterations: number };

/** OWASP Password Storage Cheat Sheet: 19 MiB and 2 iterations with 1 degree of parallelism. */
export const OWASP_COST: HashCost = { memoryKib: 19 * 1024, iterations: 2 };
/** Waiting for a processor; at about 35 ms each this is 1–2 s, and beyond it nobody is served well. */
const MOST_WAITING = 64;

export type Passwords = {
  /** @throws SluiceError `weak_password` */
  check(password: string): Promise<void>;
  /** A PHC string. @throws SluiceError `rate_limited` while too many hashes are waiting */
  hash(password: string): Promise<string>;
  /** With null, for an account that does not exist, it takes as long as a wrong password and is false. */
  verify(password: string, hash: string | null): Promise<boolean>;
};

/** Hashes off the main thread, never more at once than there are processors: each takes 19 MiB. */
export const createPasswords = (cost: HashCost): Passwords => {
  const argon2id = {
    algorithm: "argon2id",
    memoryCost: cost.memoryKib,
    timeCost: cost.iterations,
  } as const;
  const limit = pLimit(availableParallelism());
  const bounded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (limit.pendingCount >= MOST_WAITING) {
      throw new SluiceError("rate_limited", { details: { retryAfterSeconds: 2 } });
    }
    return await limit(work);
  };
  const hash = (password: string) =>
    bounded(() => Bun.password.hash(normalisePassword(password), argon2id));
  let hashOfNobody: Promise<string> | undefined;
  return {
    check: checkPassword,
    hash,
    verify: async (password, known) => {
      // Awaited in every case: otherwise the first stranger's name would take longer than a known one.
      hashOfNobody ??= Bun.password.hash(crypto.randomUUID(), argon2id);
      const nobody = await hashOfNobody;
      const against = known ?? nobody;
      const matches = await bounded(() =>
        Bun.password.verify(normalisePassword(password), against),
      );
      return matches && known !== null;
    },
  };
};
