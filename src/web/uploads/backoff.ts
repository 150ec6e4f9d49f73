import { ApiError } from "../api/problem.ts";

/** Waits between tries of one part, ms: about a minute in all, enough for a router or a server to restart. */
export const RETRY_DELAYS_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000] as const;

/** Codes after which the same bytes may be sent again with a newly signed address. */
const SIGN_AGAIN = new Set(["url_expired", "url_signature_invalid"]);
/** Codes after which they may be sent again as they are, but no sooner than after other trouble. */
const SEND_AGAIN = new Set(["part_corrupted"]);
/** Codes that no repetition changes, whatever their status says. */
const FINAL = new Set([
  "storage_full",
  "storage_denied",
  "storage_bucket_missing",
  "file_unreadable",
]);
/** Statuses of trouble that passes: RFC 9110 (408, 429, 5xx), and 0 for no answer at all. */
const passes = (status: number): boolean =>
  status === 0 || status === 408 || status === 429 || (status >= 500 && status !== 507);

/** What to do about a failed try: `now` with a new address, `later`, or not at all. */
export const retryAdvice = (error: unknown): "now" | "later" | "never" => {
  if (!(error instanceof ApiError)) {
    return "never";
  }
  if (SIGN_AGAIN.has(error.code)) {
    return "now";
  }
  if (FINAL.has(error.code)) {
    return "never";
  }
  return SEND_AGAIN.has(error.code) || passes(error.status) ? "later" : "never";
};

/** Wait before the given retry (0 for the first), ms; null when it is time to give up. `random` in [0, 1) spreads tabs and files apart. */
export const retryDelayMs = (error: unknown, retry: number, random: number): number | null => {
  const base = RETRY_DELAYS_MS[retry];
  if (base === undefined) {
    return null;
  }
  const asked = error instanceof ApiError ? (error.details.retryAfterSeconds ?? 0) * 1000 : 0;
  return Math.max(asked, base * (0.75 + random / 2));
};
