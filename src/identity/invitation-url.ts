/** The page's sign-up form, with the invitation filled in. */
export const invitationUrl = (publicUrl: string, token: string): string =>
  `${publicUrl}/signup?invitation=${token}`;
