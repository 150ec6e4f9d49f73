import { expect, test } from "bun:test";
import { SluiceError } from "../../../src/errors.ts";
import { createRateLimits, type LimitedAction } from "../../../src/http/rate-limit.ts";

const attempts = async (
  times: number,
  count: (time: number) => Promise<void>,
): Promise<number | SluiceError> => {
  for (let time = 0; time < times; time += 1) {
    try {
      await count(time);
    } catch (error) {
      expect(error).toBeInstanceOf(SluiceError);
      return time;
    }
  }
  return times;
};

const allowed = async (action: LimitedAction, who: { address: string; account?: string }) => {
  const limits = createRateLimits();
  return await attempts(1_000, () => limits.count(action, who));
};

test("ten logins of one account from one network, a hundred from one network", async () => {
  expect(await allowed("login", { address: "192.0.2.1", account: "ada@example.org" })).toBe(10);
  const limits = createRateLimits();
  const names = (time: number) => ({ address: "192.0.2.1", account: `user${time}@example.org` });
  expect(await attempts(1_000, (time) => limits.count("login", names(time)))).toBe(100);
});

test("a stranger who uses up their tries does not lock out the owner elsewhere", async () => {
  const limits = createRateLimits();
  const account = "ada@example.org";
  await attempts(50, () => limits.count("login", { address: "192.0.2.1", account }));
  await limits.count("login", { address: "198.51.100.1", account });
});

test("mails to one address are few, also from many networks and in any spelling", async () => {
  const limits = createRateLimits();
  const spelled = (time: number) => ({
    address: `192.0.2.${time}`,
    account: time % 2 ? " ADA@example.org" : "ada@example.org",
  });
  expect(await attempts(100, (time) => limits.count("mail", spelled(time)))).toBe(5);
});

test("a refusal says when to try again, within the window", async () => {
  const limits = createRateLimits();
  const count = () => limits.count("password", { address: "192.0.2.1", account: "id" });
  await attempts(10, count);
  const refusal = await count().catch((error: SluiceError) => error);
  expect(refusal).toMatchObject({ code: "rate_limited" });
  const seconds = (refusal as SluiceError).details.retryAfterSeconds as number;
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(900);
});
