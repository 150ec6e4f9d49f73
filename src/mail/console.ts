import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Mail, Mailer } from "./index.ts";

/**
 * For servers without a mail server: prints each mail and keeps it in `DATA_DIR/mail`, readable for
 * the server's user alone.
 */
export const openConsoleMailer = (options: {
  dataDir: string;
  print: (text: string) => void;
}): Mailer => {
  const folder = join(options.dataDir, "mail");
  return {
    kind: "console",
    send: async (mail) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // Time first, so that the newest is the last in a listing; no part of it comes from a client.
      const name = `${new Date().toISOString().replaceAll(":", "-")}-${crypto.randomUUID()}.txt`;
      await writeFile(join(folder, name), asText(mail), { mode: 0o600, flag: "wx" });
      options.print(framed(mail));
    },
    close: async () => {},
  };
};

const asText = ({ to, subject, text }: Mail): string => `To: ${to}\nSubject: ${subject}\n\n${text}`;

/** Stands out between log lines. */
const framed = (mail: Mail): string => {
  const lines = asText(mail).trimEnd().split("\n");
  return [
    "",
    "┌─ Mail (no SMTP_URL is set) ─────────────────────",
    ...lines.map((line) => `│ ${line}`),
    "└─────────────────────────────────────────────────",
    "",
  ].join("\n");
};
