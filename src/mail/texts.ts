/**
 * What our mails say. No text contains what a stranger may have typed, names included: otherwise
 * the sign-up form would send anyone's words to anyone under our name.
 */
import type { Mail } from "./index.ts";

type Code = { readonly to: string; readonly code: string; readonly minutes: number };
type Site = { readonly to: string; readonly publicUrl: string };

export const confirmSignUpMail = ({ to, code, minutes }: Code): Mail => ({
  to,
  subject: `${code} is your Sluice code`,
  text: `Hello,

your code to finish signing up is

    ${code}

It works once, for ${minutes} minutes. If you did not just sign up, ignore this mail: without
the code nothing happens. Nobody from Sluice will ever ask you for it.
`,
});

export const resetPasswordMail = ({ to, code, minutes }: Code): Mail => ({
  to,
  subject: `${code} is your Sluice code`,
  text: `Hello,

your code to set a new password is

    ${code}

It works once, for ${minutes} minutes. If you did not ask for it, ignore this mail: your
password stays as it is. Nobody from Sluice will ever ask you for the code.
`,
});

export const alreadySignedUpMail = ({ to, publicUrl }: Site): Mail => ({
  to,
  subject: "You already have a Sluice account",
  text: `Hello,

someone, perhaps you, just tried to sign up with this address. You have an account already,
so nothing was changed. Sign in at ${publicUrl}, or choose "Forgot password" there.

If it was not you, there is nothing to do.
`,
});

export const passwordChangedMail = ({ to, publicUrl }: Site): Mail => ({
  to,
  subject: "Your Sluice password was changed",
  text: `Hello,

the password of your account was just changed, and other devices were signed out. If it was
you, all is well. If not, set a new one now with "Forgot password" at ${publicUrl}.
`,
});

export const invitationMail = ({
  to,
  url,
  days,
}: {
  to: string;
  url: string;
  days: number;
}): Mail => ({
  to,
  subject: "You are invited to Sluice",
  text: `Hello,

you are invited to share and watch videos. Make your account here within ${days} days:

    ${url}

The link is meant for you alone.
`,
});
