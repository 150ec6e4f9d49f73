import type { ApiConfig } from "../config.ts";
import type { Queries } from "../db/index.ts";
import { SluiceError } from "../errors.ts";
import { anyAccountExists } from "./accounts.ts";
import type { Invitations } from "./invitations.ts";

export type Admission = ReturnType<typeof createAdmission>;

/** Who may sign up, by `SIGN_UP`: asked when somebody signs up, and again when the account is made. */
export const createAdmission = (options: {
  queries: Queries;
  invitations: Invitations;
  policy: ApiConfig["SIGN_UP"];
}) => {
  const { queries, invitations, policy } = options;
  return {
    /**
     * The invitation to use up later, where one is needed.
     * @throws SluiceError `sign_up_closed`, `invitation_required`
     */
    admit: async (email: string, token: string | null): Promise<string | null> => {
      if (policy === "open" || !(await anyAccountExists(queries))) {
        return null;
      }
      if (policy === "closed") {
        throw new SluiceError("sign_up_closed");
      }
      const invitationId = token === null ? null : await invitations.find(token, email);
      if (invitationId === null) {
        throw new SluiceError("invitation_required");
      }
      return invitationId;
    },

    /**
     * Two may have been admitted as the first, or with one invitation: the one who confirms first has it.
     * @throws SluiceError `sign_up_closed`, `invitation_required`
     */
    admitFinally: async (
      tx: Queries,
      isFirst: boolean,
      invitationId: string | null,
    ): Promise<void> => {
      if (isFirst || policy === "open") {
        return;
      }
      if (policy === "closed") {
        throw new SluiceError("sign_up_closed");
      }
      if (invitationId === null || !(await invitations.redeem(tx, invitationId))) {
        throw new SluiceError("invitation_required");
      }
    },
  };
};
