/** The first retry follows within two seconds: most failures are a killed process, not a lasting fault. */
const FIRST_RETRY_SECONDS = 1;
/** A lasting fault (full disk, broken executable) is tried no more often than this. */
const LONGEST_RETRY_SECONDS = 300;

/**
 * Seconds to wait before the next attempt: exponential with jitter, so that jobs that failed
 * together do not come back together.
 * @param failedAttempts attempts that failed so far, from 1
 * @param random uniform in [0, 1)
 */
export const retryDelaySeconds = (failedAttempts: number, random: number): number =>
  Math.min(FIRST_RETRY_SECONDS * 2 ** (failedAttempts - 1) * (1 + random), LONGEST_RETRY_SECONDS);
