import { Type } from "@sinclair/typebox";
import { oneOf } from "./one-of.ts";

/** Who keeps the accounts, and who gets one; the api's alone. */
export const identitySettings = {
  IDENTITY: oneOf(["local"], {
    default: "local",
    description: "Who keeps the accounts: local (this server).",
  }),
  SIGN_UP: oneOf(["open", "invitation", "closed"], {
    default: "open",
    description:
      "Who may make an account: open (anyone), invitation or closed. The first account is always allowed and becomes the administrator.",
  }),
  SMTP_URL: Type.Optional(
    Type.String({
      format: "url",
      pattern: "^smtps?://",
      description:
        "Mail server, for example smtps://user:password@mail.example.org. Without it codes are printed and written to DATA_DIR/mail.",
    }),
  ),
  MAIL_FROM: Type.String({
    default: "Sluice <sluice@localhost>",
    minLength: 3,
    description: "Sender of the mails.",
  }),
  SESSION_DAYS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 400,
    description: "A session that is not used for so long ends.",
  }),
};
