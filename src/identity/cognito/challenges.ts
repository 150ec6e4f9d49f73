import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { SluiceError } from "../../errors.ts";
import { challengeNames } from "../challenge-names.ts";
import type { Challenge, ChallengeAnswer, ClientInfo } from "../index.ts";
import { checkCognitoPassword } from "./check-password.ts";
import type { AuthAnswer, CognitoApi } from "./cognito-api.ts";
import { otpauthUri } from "./otpauth.ts";
import type { Sealing } from "./sealing.ts";

/** How long Cognito takes an answer unless the client says otherwise (`AuthSessionValidity`). */
const CHALLENGE_MS = 180_000;

/** What a challenge's token holds, sealed: with Cognito's session alone anyone could answer in its place. */
const Pending = Type.Object({
  name: Type.Union(challengeNames.map((name) => Type.Literal(name))),
  session: Type.String(),
  /** As Cognito wants it in the answer: its own name for the user, not an alias. */
  username: Type.String(),
  expiresAtMs: Type.Number(),
  needsName: Type.Boolean(),
});
type Pending = Static<typeof Pending>;

type Parts = {
  readonly api: CognitoApi;
  readonly sealing: Sealing;
  readonly now: () => Date;
};

type Asked = Extract<AuthAnswer, { kind: "challenge" }>;

export type Challenges = ReturnType<typeof createChallenges>;

/** The steps between password and tokens, in our words. */
export const createChallenges = ({ api, sealing, now }: Parts) => {
  const seal = async (
    pending: Pick<Pending, "name" | "session" | "username"> & { needsName?: boolean },
    setup: Challenge["setup"] = null,
  ): Promise<Challenge> => {
    const { name, needsName = false } = pending;
    const expiresAt = new Date(now().getTime() + CHALLENGE_MS);
    const token = await sealing.seal({
      ...pending,
      needsName,
      expiresAtMs: expiresAt.getTime(),
    } satisfies Pending);
    return { name, token, expiresAt, setup, needsName };
  };

  const open = async (token: string): Promise<Pending> => {
    const pending = await sealing.open(token);
    if (!Value.Check(Pending, pending) || pending.expiresAtMs <= now().getTime()) {
      throw new SluiceError("challenge_not_pending");
    }
    return pending;
  };

  return {
    /**
     * Turns what Cognito asks into one of our challenges.
     * @param email what the person typed, for where Cognito does not say its own name
     * @throws SluiceError `challenge_unsupported`
     */
    pose: async (asked: Asked, email: string, person: ClientInfo): Promise<Challenge> => {
      const { session, parameters } = asked;
      const username = parameters.USER_ID_FOR_SRP || parameters.USERNAME || email;
      switch (asked.name) {
        case "NEW_PASSWORD_REQUIRED": {
          const missing = missingAttributes(parameters);
          if (missing.some((attribute) => attribute !== NAME_ATTRIBUTE)) {
            throw unsupported(`${asked.name} with ${missing.join(", ")}`);
          }
          return await seal({
            name: "new_password",
            session,
            username,
            needsName: missing.length > 0,
          });
        }
        case "SOFTWARE_TOKEN_MFA":
          return await seal({ name: "totp", session, username });
        case "MFA_SETUP": {
          if (!listed(parameters.MFAS_CAN_SETUP).includes("SOFTWARE_TOKEN_MFA")) {
            throw unsupported(`${asked.name} with ${parameters.MFAS_CAN_SETUP}`);
          }
          const begun = await api.beginTotp({ Session: session });
          const setup = { secret: begun.secret, uri: otpauthUri(email, begun.secret) };
          return await seal({ name: "totp_setup", session: begun.session, username }, setup);
        }
        case "SELECT_MFA_TYPE": {
          if (!listed(parameters.MFAS_CAN_CHOOSE).includes("SOFTWARE_TOKEN_MFA")) {
            throw unsupported(`${asked.name} with ${parameters.MFAS_CAN_CHOOSE}`);
          }
          const next = await api.respond({
            name: asked.name,
            session,
            username,
            responses: { ANSWER: "SOFTWARE_TOKEN_MFA" },
            person,
          });
          if (next.kind === "tokens" || next.name !== "SOFTWARE_TOKEN_MFA") {
            throw unsupported(asked.name);
          }
          return await seal({ name: "totp", session: next.session, username });
        }
        default:
          throw unsupported(asked.name);
      }
    },

    /** @throws SluiceError `challenge_not_pending`, `invalid_code`, `weak_password`, `validation_failed` */
    answer: async (
      token: string,
      { newPassword, name, code }: ChallengeAnswer,
      person: ClientInfo,
    ): Promise<{ answer: AuthAnswer; username: string }> => {
      const pending = await open(token);
      const { session, username } = pending;
      const respond = async (
        challenge: Parameters<CognitoApi["respond"]>[0]["name"],
        responses: Record<string, string>,
        latest = session,
      ) => ({
        username,
        answer: await api.respond({
          name: challenge,
          session: latest,
          username,
          responses,
          person,
        }),
      });
      if (pending.name === "new_password") {
        const password = needed("newPassword", newPassword);
        await checkCognitoPassword(password);
        return await respond("NEW_PASSWORD_REQUIRED", {
          NEW_PASSWORD: password,
          ...(pending.needsName ? { [NAME_ATTRIBUTE]: needed("name", name) } : {}),
        });
      }
      const typed = needed("code", code);
      if (pending.name === "totp") {
        return await respond("SOFTWARE_TOKEN_MFA", { SOFTWARE_TOKEN_MFA_CODE: typed });
      }
      return await respond("MFA_SETUP", {}, await api.verifyTotp({ Session: session }, typed));
    },
  };
};

const NAME_ATTRIBUTE = "userAttributes.name";

/** Cognito writes lists into its parameters as JSON. */
const listed = (json: string | undefined): string[] => {
  try {
    const value: unknown = JSON.parse(json ?? "[]");
    return Array.isArray(value) ? value.map(String) : [];
  } catch {
    return [];
  }
};

const missingAttributes = (parameters: Readonly<Record<string, string>>): string[] =>
  listed(parameters.requiredAttributes).map((name) =>
    name.startsWith("userAttributes.") ? name : `userAttributes.${name}`,
  );

const unsupported = (what: string) =>
  new SluiceError("challenge_unsupported", { cause: new Error(`Cognito asks for ${what}`) });

/** @throws SluiceError `validation_failed` */
const needed = (field: string, value: string | undefined): string => {
  if (value === undefined || value === "") {
    const problems = [{ field, message: "This challenge needs it." }];
    throw new SluiceError("validation_failed", { details: { problems } });
  }
  return value;
};
