import { signal } from "@preact/signals";
import { ApiError, sentenceOf } from "../api/problem.ts";

/** How long a short message stays, ms; long enough to read a sentence twice. */
const TOAST_MS = 4000;

const message = signal("");
let clearing: ReturnType<typeof setTimeout> | undefined;

/** Says something short at the foot of the page, for screen readers too. */
export const toast = (text: string): void => {
  message.value = text;
  clearTimeout(clearing);
  clearing = setTimeout(() => {
    message.value = "";
  }, TOAST_MS);
};

/** Says what went wrong; the end of a session is told by the sign-in page instead. */
export const toastError = (error: unknown): void => {
  if (!(error instanceof ApiError && error.status === 401)) {
    toast(sentenceOf(error));
  }
};

/** Where toasts appear; always there, so that screen readers notice changes. */
export const ToastPlace = () => (
  <div class="toast-place" role="status" aria-live="polite" data-testid="toast">
    {message.value && <div class="toast">{message.value}</div>}
  </div>
);
