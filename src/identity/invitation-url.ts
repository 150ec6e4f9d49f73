/** Where an invitation takes people; the token stands in the fragment, which is sent to no server. */
export const invitationUrl = (publicUrl: string, token: string): string =>
  `${publicUrl}/sign-up#invitation=${token}`;
