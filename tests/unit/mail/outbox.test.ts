import { expect, test } from "bun:test";
import pino from "pino";
import type { Mail } from "../../../src/mail/index.ts";
import { openOutbox } from "../../../src/mail/outbox.ts";

const mail: Mail = { to: "ada@example.org", subject: "s", text: "t" };
const log = pino({ level: "silent" });

test("a mail server that is away for a moment costs no mail", async () => {
  const answers = ["away", "away", "taken"];
  const sent: Mail[] = [];
  const send = async (one: Mail) => {
    if (answers.shift() !== "taken") {
      throw new Error("451 try again later");
    }
    sent.push(one);
  };
  const outbox = openOutbox({ send }, log, { retryAfterMs: [0, 0] });
  outbox.post(async () => mail);
  await outbox.drain();
  expect(sent).toEqual([mail]);
});

test("one that stays away, or a text that cannot be written, is logged and harms nobody else", async () => {
  const lines: string[] = [];
  const loud = pino({}, { write: (line) => void lines.push(line) });
  const send = async ({ to }: Mail) => {
    if (to === "nobody@example.org") {
      throw new Error("550 no such mailbox");
    }
  };
  const outbox = openOutbox({ send }, loud, { retryAfterMs: [0] });
  outbox.post(async () => ({ ...mail, to: "nobody@example.org" }));
  outbox.post(async () => {
    throw new Error("database is away");
  });
  outbox.post(async () => null);
  outbox.post(async () => mail);
  await outbox.drain();
  const errors = lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 50);
  expect(errors.map(({ err }) => err.message).sort()).toEqual([
    "550 no such mailbox",
    "database is away",
  ]);
});

test("a drain with a limit leaves what waits for a mail server that is away, and says so", async () => {
  const lines: string[] = [];
  const loud = pino({}, { write: (line) => void lines.push(line) });
  const outbox = openOutbox({ send: () => Promise.reject(new Error("away")) }, loud, {
    retryAfterMs: [60_000],
  });
  outbox.post(async () => mail);
  await outbox.drain(20);
  expect(JSON.parse(lines.at(-1) ?? "{}")).toMatchObject({ level: 50, mails: 1 });
});
