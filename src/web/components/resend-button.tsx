import { useEffect, useState } from "preact/hooks";
import { ApiError, sentenceOf } from "../api/problem.ts";
import { toast } from "./toast.tsx";

/** Seconds between two requests for a code: mail takes about that long, and the server limits them too. */
const COOLDOWN_SECONDS = 30;

/** Asks for a new code, then waits before it can be asked again. */
export const ResendButton = ({ resend }: { resend: () => Promise<void> }) => {
  const [left, setLeft] = useState(COOLDOWN_SECONDS);
  useEffect(() => {
    if (left <= 0) {
      return;
    }
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);

  const send = async (): Promise<void> => {
    setLeft(COOLDOWN_SECONDS);
    try {
      await resend();
      toast("A new code is on its way.");
    } catch (error) {
      const wait = error instanceof ApiError ? error.details.retryAfterSeconds : null;
      setLeft(wait ?? 0);
      toast(sentenceOf(error));
    }
  };

  return (
    <p class="small soft">
      No code?{" "}
      <button
        type="button"
        class="button link"
        disabled={left > 0}
        data-testid="resend"
        onClick={() => void send()}
      >
        {left > 0 ? `Send a new one (in ${left} s)` : "Send a new one"}
      </button>
    </p>
  );
};
