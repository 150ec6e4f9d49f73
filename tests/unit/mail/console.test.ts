import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openConsoleMailer } from "../../../src/mail/console.ts";
import { confirmSignUpMail } from "../../../src/mail/texts.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-mail-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("prints the code and keeps the mail in a file for the server's user alone", async () => {
  const printed: string[] = [];
  const mailer = openConsoleMailer({ dataDir: folder, print: (text) => printed.push(text) });
  await mailer.send(
    confirmSignUpMail({ to: "../../ada@example.org", code: "012345", minutes: 15 }),
  );
  expect(printed.join("\n")).toContain("│     012345\n");
  const files = await readdir(join(folder, "mail"));
  expect(files).toHaveLength(1);
  const path = join(folder, "mail", files[0] ?? "");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, "mail"))).mode & 0o777).toBe(0o700);
  const text = await readFile(path, "utf8");
  expect(text).toStartWith("To: ../../ada@example.org\nSubject: 012345 is your Sluice code\n\n");
  expect(text).toContain("012345");
});
