import { config } from "../session.ts";

/** Tells where to look for a code. The answer is the same whether the account exists or not. */
export const WhereCodesGo = ({ email }: { email: string | undefined }) =>
  config.value?.mail === "console" ? (
    <span data-testid="codes-on-console">
      This server sends no mail. The code is printed on its console and lies in the folder{" "}
      <code>mail</code> of its data folder.
    </span>
  ) : (
    <span data-testid="codes-by-mail">
      We sent a code to {email === undefined ? "your address" : <strong>{email}</strong>}. It can
      take a minute; look into the spam folder too.
    </span>
  );
