const ISSUER = "Sluice";

/**
 * What an authenticator app reads from a QR code: the "Key Uri Format" of Google Authenticator, with
 * its defaults (SHA-1, six digits, 30 s), which are Cognito's.
 */
export const otpauthUri = (account: string, secret: string): string =>
  `otpauth://totp/${encodeURIComponent(`${ISSUER}:${account}`)}?secret=${secret}&issuer=${ISSUER}`;
