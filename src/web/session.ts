import { signal } from "@preact/signals";
import type { ChallengeBody, PublicConfig, SignInBody, UserBody } from "../http/schemas.ts";
import { browserHost } from "./api/browser-host.ts";
import { createClient } from "./api/client.ts";
import { createApi } from "./api/endpoints.ts";
import { ApiError, sentenceOf } from "./api/problem.ts";

/** Who is signed in: undefined until known, null for nobody. */
export const user = signal<UserBody | null | undefined>(undefined);
/** The server's public settings; undefined until known. */
export const config = signal<PublicConfig | undefined>(undefined);
/** Why the page could not start, as a sentence; null while all is well. */
export const startFailure = signal<string | null>(null);
/** Whether a session ended under the user's hands; the sign-in page then says so. */
export const sessionEnded = signal(false);

const host = browserHost();
const client = createClient(host, () => {
  sessionEnded.value = Boolean(user.peek());
  user.value = null;
});

/** The one API of this tab. */
export const api = createApi(client);
/** Renews the access cookie if it is about to end. */
export const freshen = client.freshen;

/** Learns settings and user; called at start and by the failure page's button. */
export const start = async (): Promise<void> => {
  startFailure.value = null;
  try {
    const [settings, person] = await Promise.all([api.config(), api.me().catch(nobody)]);
    config.value = settings;
    user.value = person;
  } catch (error) {
    startFailure.value = sentenceOf(error);
  }
};

const nobody = (error: unknown): null => {
  if (error instanceof ApiError && error.status === 401) {
    return null;
  }
  throw error;
};

/** The further step that the sign-in under way asks for; null while there is none. */
export const challenge = signal<ChallengeBody["challenge"] | null>(null);

/**
 * To be called with the answer of a login or of a challenge.
 * @returns whether somebody is signed in now; otherwise `challenge` says what is asked
 */
export const proceed = (answer: SignInBody): boolean => {
  if ("challenge" in answer) {
    challenge.value = answer.challenge;
    return false;
  }
  challenge.value = null;
  sessionEnded.value = false;
  user.value = answer.user;
  return true;
};

/** Ends this session here, and on the server as far as it can be reached. */
export const signOut = async (): Promise<void> => {
  await api.signOut().catch(() => undefined);
  host.rememberSession(null);
  user.value = null;
};
