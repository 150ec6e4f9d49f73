import { useEffect, useState } from "preact/hooks";
import type { SessionBody } from "../../http/schemas.ts";
import { sentenceOf } from "../api/problem.ts";
import { formatAge } from "../format.ts";
import { api, user } from "../session.ts";
import { deviceName } from "../user-agent.ts";
import { Notice } from "./notice.tsx";
import { toast } from "./toast.tsx";

/** Where this account is signed in, and how to end that. */
export const Sessions = () => {
  const [sessions, setSessions] = useState<readonly SessionBody[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    api.sessions().then(
      ({ items }) => setSessions(items),
      (thrown: unknown) => setError(sentenceOf(thrown)),
    );
  }, []);

  const end = async (id: string): Promise<void> => {
    try {
      await api.endSession(id);
      setSessions((sessions ?? []).filter((session) => session.id !== id));
      toast("Signed out there.");
    } catch (thrown) {
      setError(sentenceOf(thrown));
    }
  };
  const endAll = async (): Promise<void> => {
    try {
      await api.signOutEverywhere();
      user.value = null;
    } catch (thrown) {
      setError(sentenceOf(thrown));
    }
  };

  return (
    <>
      {error !== null && <Notice tone="bad">{error}</Notice>}
      <ul class="rows" data-testid="sessions">
        {(sessions ?? []).map((session) => (
          <li key={session.id} data-testid="session">
            <div>
              <strong>{deviceName(session.userAgent)}</strong>
              <p class="small soft">
                {session.current
                  ? "This device"
                  : `Last seen ${formatAge(session.lastUsedAt, Date.now())}`}
                {session.address === null ? "" : ` · ${session.address}`}
              </p>
            </div>
            {!session.current && (
              <button
                type="button"
                class="button small"
                aria-label={`Sign out ${deviceName(session.userAgent)}`}
                data-testid="end-session"
                onClick={() => void end(session.id)}
              >
                Sign out
              </button>
            )}
          </li>
        ))}
      </ul>
      <div>
        <button
          type="button"
          class="button"
          data-testid="sign-out-everywhere"
          onClick={() => void endAll()}
        >
          Sign out everywhere
        </button>
      </div>
    </>
  );
};
