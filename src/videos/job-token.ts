import { createHmac, timingSafeEqual } from "node:crypto";
import { SluiceError } from "../errors.ts";
import type { Keys } from "../keys.ts";

/** A token is worthless a day after its attempt was made, whatever became of the attempt. */
const MAX_AGE_MS = 24 * 3600 * 1000;
/** Two machines' clocks may differ by so much. */
const CLOCK_SKEW_MS = 60 * 1000;

type JobTokenFacts = {
  readonly jobId: string;
  readonly attempt: number;
  /** When the attempt was made. */
  readonly createdAt: Date;
};

/**
 * The token of one job and attempt: `attempt.createdAtMs.mac`, the MAC being HMAC-SHA256 over job,
 * attempt and creation time. The same facts give the same token, so that a repeated launch is
 * identical.
 */
export const signJobToken = (keys: Keys, facts: JobTokenFacts): string => {
  const createdAtMs = facts.createdAt.getTime();
  return `${facts.attempt}.${createdAtMs}.${mac(keys, facts.jobId, facts.attempt, createdAtMs)}`;
};

/**
 * Checks that the token was made for this job and is at most a day old.
 * @returns the attempt it speaks for; whether that one is still under way is the database's to say
 * @throws SluiceError `job_token_invalid`
 */
export const verifyJobToken = (keys: Keys, jobId: string, token: string, now: Date): number => {
  const [, attempt = "", createdAtMs = "", given = ""] =
    /^([1-9]\d{0,8})\.(\d{1,15})\.([\w-]{43})$/.exec(token) ?? [];
  const expected = mac(keys, jobId, Number(attempt), Number(createdAtMs));
  const ageMs = now.getTime() - Number(createdAtMs);
  const genuine =
    given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
  if (!genuine || ageMs > MAX_AGE_MS || ageMs < -CLOCK_SKEW_MS) {
    throw new SluiceError("job_token_invalid");
  }
  return Number(attempt);
};

const mac = (keys: Keys, jobId: string, attempt: number, createdAtMs: number): string =>
  createHmac("sha256", keys("job-token"))
    .update(`${jobId}.${attempt}.${createdAtMs}`)
    .digest("base64url");
