import type { ClientHost, SessionTimes } from "./client.ts";

const LOCK = "sluice-refresh";
const SESSION = "sluice.session";

/**
 * The client's host in a real browser. Without Web Locks (plain http on a network) tabs do not wait
 * for each other; the server's grace for rotated tokens covers that.
 */
export const browserHost = (): ClientHost => ({
  fetch: (input, init) => fetch(input, init),
  exclusively: (run) => ("locks" in navigator ? navigator.locks.request(LOCK, run) : run()),
  sessionTimes: () => JSON.parse(localStorage.getItem(SESSION) ?? "null") as SessionTimes | null,
  rememberSession: (times) =>
    times === null
      ? localStorage.removeItem(SESSION)
      : localStorage.setItem(SESSION, JSON.stringify(times)),
  nowMs: () => Date.now(),
});
