import type { TotpSetupBody } from "../../http/schemas.ts";
import { CopyLine } from "./copy-line.tsx";
import { QrCode } from "./qr-code.tsx";

/** What to do with an authenticator app before its first code can be typed. */
export const TotpSetup = ({ setup }: { setup: TotpSetupBody }) => (
  <>
    <ol class="steps">
      <li>Open an authenticator app on your phone, such as Aegis, 2FAS or Google Authenticator.</li>
      <li>Let it scan this code, or type the key into it.</li>
      <li>Type the six digits that it shows.</li>
    </ol>
    <QrCode text={setup.uri} label="QR code for the authenticator app" />
    <CopyLine label="Key" text={setup.secret} testId="totp-secret" />
  </>
);
