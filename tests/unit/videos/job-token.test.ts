import { describe, expect, test } from "bun:test";
import { deriveKeys } from "../../../src/keys.ts";
import { signJobToken, verifyJobToken } from "../../../src/videos/job-token.ts";

const HOUR_MS = 3600 * 1000;

describe("job tokens", () => {
  const keys = deriveKeys("a secret for tests that is long enough");
  const createdAt = new Date("2026-01-02T03:04:05.678Z");
  const later = (ms: number) => new Date(createdAt.getTime() + ms);
  const token = signJobToken(keys, { jobId: "job-1", attempt: 2, createdAt });
  const invalid = expect.objectContaining({ code: "job_token_invalid" });

  test("a token speaks for its job and attempt, and a repeated launch makes the same one", () => {
    expect(verifyJobToken(keys, "job-1", token, later(HOUR_MS))).toBe(2);
    expect(signJobToken(keys, { jobId: "job-1", attempt: 2, createdAt })).toBe(token);
    expect(signJobToken(keys, { jobId: "job-1", attempt: 3, createdAt })).not.toBe(token);
  });

  test("it is worthless for another job, under another secret, after a day, and ahead of its time", () => {
    const others = deriveKeys("another secret for tests, long enough");
    expect(() => verifyJobToken(keys, "job-2", token, later(0))).toThrow(invalid);
    expect(() => verifyJobToken(others, "job-1", token, later(0))).toThrow(invalid);
    expect(verifyJobToken(keys, "job-1", token, later(24 * HOUR_MS))).toBe(2);
    expect(() => verifyJobToken(keys, "job-1", token, later(24 * HOUR_MS + 1))).toThrow(invalid);
    expect(() => verifyJobToken(keys, "job-1", token, later(-HOUR_MS))).toThrow(invalid);
  });

  test("any changed character makes it invalid", () => {
    for (let index = 0; index < token.length; index += 1) {
      const changed =
        token.slice(0, index) + (token[index] === "A" ? "B" : "A") + token.slice(index + 1);
      expect(() => verifyJobToken(keys, "job-1", changed, later(0))).toThrow(invalid);
    }
    for (const nonsense of ["", ".", "a.b.c", `${token}.x`]) {
      expect(() => verifyJobToken(keys, "job-1", nonsense, later(0))).toThrow(invalid);
    }
  });
});
