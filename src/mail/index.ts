import type { ApiConfig } from "../config.ts";
import { openConsoleMailer } from "./console.ts";
import { openSmtpMailer } from "./smtp.ts";

/** A plain-text mail. */
export type Mail = {
  /** One address, already checked. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
};

/** The mail port. */
export type Mailer = {
  readonly kind: "smtp" | "console";
  /** Resolves when the mail was handed over. @throws whatever the mail server or the disk has to say */
  send(mail: Mail): Promise<void>;
  close(): Promise<void>;
};

export type MailConfig = Pick<ApiConfig, "SMTP_URL" | "MAIL_FROM" | "dataDir">;

/** SMTP when a server is set; otherwise the console and a file in the data folder. */
export const openMailer = (config: MailConfig): Mailer =>
  config.SMTP_URL === undefined
    ? openConsoleMailer({ dataDir: config.dataDir, print: (text) => console.error(text) })
    : openSmtpMailer({ url: config.SMTP_URL, from: config.MAIL_FROM });
