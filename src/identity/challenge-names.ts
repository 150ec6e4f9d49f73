/**
 * Further steps that a sign-in can ask for: another password, a code of an authenticator app, or to
 * set one up.
 */
export const challengeNames = ["new_password", "totp", "totp_setup"] as const;
export type ChallengeName = (typeof challengeNames)[number];
