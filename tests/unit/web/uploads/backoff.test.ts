import { expect, test } from "bun:test";
import { problemFrom, unreachable } from "../../../../src/web/api/problem.ts";
import { RETRY_DELAYS_MS, retryAdvice, retryDelayMs } from "../../../../src/web/uploads/backoff.ts";

const problem = (status: number, code: string, retryAfter: string | null = null) =>
  problemFrom(status, JSON.stringify({ code }), retryAfter);

test("trouble that passes is waited out, other trouble is told", () => {
  expect(retryAdvice(unreachable())).toBe("later");
  expect(retryAdvice(problem(503, "database_unavailable"))).toBe("later");
  expect(retryAdvice(problem(429, "rate_limited"))).toBe("later");
  expect(retryAdvice(problem(403, "url_expired"))).toBe("now");
  expect(retryAdvice(problem(400, "part_corrupted"))).toBe("later");
  expect(retryAdvice(problem(507, "storage_full"))).toBe("never");
  expect(retryAdvice(problem(500, "storage_denied"))).toBe("never");
  expect(retryAdvice(problem(409, "upload_closed"))).toBe("never");
  expect(retryAdvice(new TypeError("a bug"))).toBe("never");
});

test("waits grow, end, and are never shorter than the server asks", () => {
  const waits = RETRY_DELAYS_MS.map((_, retry) => retryDelayMs(unreachable(), retry, 0.5));
  expect(waits).toEqual([...RETRY_DELAYS_MS]);
  expect(retryDelayMs(unreachable(), RETRY_DELAYS_MS.length, 0.5)).toBeNull();
  expect(retryDelayMs(problem(429, "rate_limited", "60"), 0, 0)).toBe(60_000);
});
