import { Type } from "@sinclair/typebox";
import { oneOf } from "./one-of.ts";

/** Who keeps the accounts, and who gets one; the api's alone. */
export const identitySettings = {
  IDENTITY: oneOf(["local", "cognito"], {
    default: "local",
    description:
      "Who keeps the accounts: local (this server) or cognito (an Amazon Cognito user pool).",
  }),
  COGNITO_USER_POOL_ID: Type.Optional(
    Type.String({
      pattern: "^[a-z0-9-]+_[0-9A-Za-z]+$",
      maxLength: 55,
      description:
        "With IDENTITY=cognito: the user pool, for example eu-central-1_AbCdEfGhI; its region is the part before the underscore.",
    }),
  ),
  COGNITO_CLIENT_ID: Type.Optional(
    Type.String({
      pattern: "^[0-9A-Za-z_+]+$",
      maxLength: 128,
      description: "With IDENTITY=cognito: the app client that this server signs people in with.",
    }),
  ),
  COGNITO_CLIENT_SECRET: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description:
        "The app client's secret. Without one, anyone who learns the client's id can sign up at Cognito itself, so SIGN_UP=invitation and closed need it.",
    }),
  ),
  COGNITO_ADMIN_AUTH: Type.Boolean({
    default: false,
    description:
      "Sign people in with ADMIN_USER_PASSWORD_AUTH, which tells Cognito's threat protection their address; needs AWS credentials. Otherwise USER_PASSWORD_AUTH.",
  }),
  AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: Type.Optional(
    Type.String({
      format: "url",
      pattern: "^https?://",
      description: "Where to reach Cognito instead of AWS, for an emulator.",
    }),
  ),
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
