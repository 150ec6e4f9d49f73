import { Logo } from "../components/logo.tsx";
import { Notice } from "../components/notice.tsx";
import { start, startFailure } from "../session.ts";

/** What is there until the server has answered, or when it does not. */
export const StartingPage = () => (
  <main class="gate" id="main">
    <Logo />
    {startFailure.value === null ? (
      <span class="spinner" role="status" aria-label="Loading" />
    ) : (
      <div class="card gate-card">
        <Notice tone="bad">{startFailure.value}</Notice>
        <button
          type="button"
          class="button primary wide"
          data-testid="start-again"
          onClick={() => void start()}
        >
          Try again
        </button>
      </div>
    )}
  </main>
);
