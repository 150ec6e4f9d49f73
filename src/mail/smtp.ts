import { createTransport } from "nodemailer";
import type { Mailer } from "./index.ts";

/** Long enough for a grey-listing server's greeting, short enough to notice a dead one. */
const TIMEOUT_MS = 20_000;

/**
 * Sends through a mail server.
 * @param options.url `smtp://` (STARTTLS where the server offers it) or `smtps://`, with user and password
 * @param options.from sender, for example `Sluice <sluice@example.org>`
 */
export const openSmtpMailer = (options: { url: string; from: string }): Mailer => {
  const transport = createTransport(
    {
      url: options.url,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      // A mail is text that we wrote: nothing in it may make the library read files or addresses.
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from: options.from },
  );
  return {
    kind: "smtp",
    send: async ({ to, subject, text }) => {
      // As an object the address is taken whole: no list, no display name, no second recipient.
      await transport.sendMail({ to: { name: "", address: to }, subject, text });
    },
    close: async () => transport.close(),
  };
};
