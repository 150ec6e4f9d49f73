import { expect, test } from "bun:test";
import { createPasswords, OWASP_COST } from "../../../../src/identity/local/passwords.ts";
import { errorCode } from "../../../fixtures/error-code.ts";

const cheap = { memoryKib: 8, iterations: 1 };

test("hashes carry OWASP's parameters and fit their password alone", async () => {
  const passwords = createPasswords(OWASP_COST);
  const hash = await passwords.hash("correct horse");
  expect(hash).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
  expect(await passwords.verify("correct horse", hash)).toBe(true);
  expect(await passwords.verify("Correct horse", hash)).toBe(false);
});

test("without an account a hash of the same cost is computed, and no password fits", async () => {
  const passwords = createPasswords(cheap);
  expect(await passwords.verify("correct horse", null)).toBe(false);
});

test("8 to 256 characters, whatever bytes they take, and none of the well-known ones", async () => {
  const { check } = createPasswords(cheap);
  expect(await errorCode(check("seven77"))).toBe("weak_password");
  expect(await errorCode(check("🦀".repeat(7)))).toBe("weak_password");
  expect(await errorCode(check("é".repeat(257)))).toBe("weak_password");
  for (const known of ["password1", "Password1", "12345678", "qwertyuiop", "trustno1"]) {
    expect(await errorCode(check(known))).toBe("weak_password");
  }
  await check("8 bytes.");
  await check("é".repeat(256));
});

test("the same letters in another Unicode form are the same password", async () => {
  const passwords = createPasswords(cheap);
  const hash = await passwords.hash("cr\u00e8me br\u00fbl\u00e9e");
  expect(await passwords.verify("cre\u0300me bru\u0302le\u0301e", hash)).toBe(true);
});

test("more hashes than can be served are refused with a time to wait, not piled up", async () => {
  const passwords = createPasswords(cheap);
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => errorCode(passwords.hash("correct horse"))),
  );
  expect(answers).toContain("rate_limited");
  expect(answers.filter((answer) => answer !== "rate_limited").length).toBeGreaterThan(64);
});
