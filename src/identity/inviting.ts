import type { Queries } from "../db/index.ts";
import { SluiceError } from "../errors.ts";
import type { Outbox } from "../mail/outbox.ts";
import { invitationMail } from "../mail/texts.ts";
import { userById } from "./accounts.ts";
import { parseEmail } from "./email-address.ts";
import type { Identity } from "./index.ts";
import { invitationUrl } from "./invitation-url.ts";
import { INVITATION_DAYS, type Invitations } from "./invitations.ts";

type Parts = {
  readonly queries: Queries;
  readonly invitations: Invitations;
  readonly outbox: Outbox;
  readonly publicUrl: string;
};

/** Invitations are this server's own, wherever the accounts are kept. */
export const createInviting =
  ({ queries, invitations, outbox, publicUrl }: Parts): Identity["invite"] =>
  async (principal, email) => {
    const { id, role } = await userById(queries, principal.userId);
    if (role !== "admin") {
      throw new SluiceError("not_allowed");
    }
    const to = email === null ? null : parseEmail(email);
    const token = await invitations.create(id, to);
    if (to !== null) {
      const url = invitationUrl(publicUrl, token);
      outbox.post(async () => invitationMail({ to, url, days: INVITATION_DAYS }));
    }
    return token;
  };
