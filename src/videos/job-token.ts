import { SluiceError } from "../errors.ts";
import type { Keys } from "../keys.ts";
import { openToken, sealToken } from "../signed-token.ts";

/** A token is worthless a day after its attempt was made, whatever became of the attempt. */
const MAX_AGE_MS = 24 * 3600 * 1000;
/** Two machines' clocks may differ by so much. */
const CLOCK_SKEW_MS = 60 * 1000;

/**
 * The token of one job and attempt. The same facts give the same token, so that a repeated launch
 * is identical.
 * @param facts.createdAt when the attempt was made
 */
export const signJobToken = (
  keys: Keys,
  { jobId, attempt, createdAt }: { jobId: string; attempt: number; createdAt: Date },
): string => sealToken(keys("job-token"), [jobId, attempt, createdAt.getTime()]);

/**
 * Checks that the token was made for this job and is at most a day old.
 * @returns the attempt it speaks for; whether that one is still under way is the database's to say
 * @throws SluiceError `job_token_invalid`
 */
export const verifyJobToken = (keys: Keys, jobId: string, token: string, now: Date): number => {
  const [forJob, attempt, createdAtMs] = openToken(keys("job-token"), token) ?? [];
  const ageMs = now.getTime() - Number(createdAtMs);
  if (
    forJob !== jobId ||
    typeof attempt !== "number" ||
    !(ageMs <= MAX_AGE_MS && ageMs >= -CLOCK_SKEW_MS)
  ) {
    throw new SluiceError("job_token_invalid");
  }
  return attempt;
};
