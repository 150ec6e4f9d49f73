/** The SMTP adapter against a real mail server on this machine. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { openMailer } from "../../../src/mail/index.ts";
import { confirmSignUpMail } from "../../../src/mail/texts.ts";

type Received = { from: string; to: string[]; user: string; text: string };

let server: SMTPServer;
let received: Received[];
let port: number;
beforeEach(async () => {
  received = [];
  server = new SMTPServer({
    // No certificate here: the adapter must get by with a server that offers no STARTTLS.
    disabledCommands: ["STARTTLS"],
    onAuth: ({ username, password }, _session, done) =>
      password === "s3cret" ? done(null, { user: username ?? "" }) : done(new Error("wrong")),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          user: String(session.user),
          text: Buffer.concat(chunks).toString("utf8"),
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.server.address();
  port = typeof address === "object" && address ? address.port : 0;
});
afterEach(() => new Promise<void>((resolve) => server.close(resolve)));

const mailerAs = (password: string) =>
  openMailer({
    SMTP_URL: `smtp://sluice:${password}@127.0.0.1:${port}`,
    MAIL_FROM: "Sluice <sluice@example.org>",
    dataDir: "/nonexistent",
  });

test("a mail arrives whole, from the sender that is set", async () => {
  const mailer = mailerAs("s3cret");
  await mailer.send(confirmSignUpMail({ to: "ada@example.org", code: "012345", minutes: 15 }));
  await mailer.close();
  expect(received).toHaveLength(1);
  const [mail] = received;
  expect(mail).toMatchObject({
    from: "sluice@example.org",
    to: ["ada@example.org"],
    user: "sluice",
  });
  expect(mail?.text).toContain("From: Sluice <sluice@example.org>\r\n");
  expect(mail?.text).toContain("To: ada@example.org\r\n");
  expect(mail?.text).toContain("Subject: 012345 is your Sluice code\r\n");
  expect(mail?.text).toContain("\r\n    012345\r\n");
});

test("line breaks in an address or a subject make no second recipient and no header", async () => {
  const mailer = mailerAs("s3cret");
  const evil = "ada@example.org\r\nBcc: eve@example.org";
  await mailer.send({ to: evil, subject: `hi\r\nBcc: eve@example.org`, text: "t" }).catch(() => {});
  await mailer.close();
  for (const { to, text } of received) {
    expect(to).not.toContain("eve@example.org");
    expect(text).not.toMatch(/^bcc:/im);
  }
});

test("a refused password and a server that is away are errors, not silence", async () => {
  const refused = mailerAs("wrong");
  await expect(refused.send({ to: "a@example.org", subject: "s", text: "t" })).rejects.toThrow();
  await refused.close();
  await new Promise<void>((resolve) => server.close(resolve));
  const away = mailerAs("s3cret");
  await expect(away.send({ to: "a@example.org", subject: "s", text: "t" })).rejects.toThrow();
  await away.close();
  expect(received).toEqual([]);
});

test("it works in a compiled executable, far from any node_modules", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-smtp-"));
  try {
    const outfile = join(folder, "send-one-mail");
    const built = await Bun.build({
      entrypoints: [join(import.meta.dir, "../../fixtures/send-one-mail.ts")],
      compile: { outfile },
      minify: true,
      bytecode: true,
      format: "esm",
    });
    expect(built.success).toBe(true);
    const run = Bun.spawn([outfile], {
      cwd: folder,
      env: { SMTP_URL: `smtp://sluice:s3cret@127.0.0.1:${port}` },
    });
    expect(await run.exited).toBe(0);
    expect(received[0]?.text).toContain("\r\n    012345\r\n");
  } finally {
    await rm(folder, { recursive: true });
  }
});
