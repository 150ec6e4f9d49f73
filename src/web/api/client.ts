import type { SignInBody, TokensBody } from "../../http/schemas.ts";
import { ApiError, problemFrom, unreachable } from "./problem.ts";

/** What the client needs of a browser; tests bring their own. */
export type ClientHost = {
  readonly fetch: (input: string, init: RequestInit) => Promise<Response>;
  /** Runs one at a time over all tabs of this browser. */
  readonly exclusively: (run: () => Promise<void>) => Promise<void>;
  /** What any tab last learned about the session; null when there is none. */
  readonly sessionTimes: () => SessionTimes | null;
  readonly rememberSession: (times: SessionTimes | null) => void;
  readonly nowMs: () => number;
};

/** By this machine's clock, in ms since the epoch. */
export type SessionTimes = {
  readonly refreshedAtMs: number;
  readonly accessExpiresAtMs: number;
};

export type RequestOptions = {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly file?: Blob;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** false for requests that sign in or out: their 401 means what it says. Default true. */
  readonly refresh?: boolean;
  /** The answer carries a new session (TokensBody), unless it asks for another step. Default false. */
  readonly givesSession?: boolean;
};

export type ApiClient = {
  /** @throws ApiError */
  readonly request: <T>(path: string, options?: RequestOptions) => Promise<T>;
  /** Renews the access cookie if it is about to end; for what cannot repeat itself, as an EventSource. Never throws. */
  readonly freshen: () => Promise<void>;
};

/** Says that the access cookie is missing or worn out; a refresh may help. */
const REFRESHABLE = "not_signed_in";
/** Codes after which there is no session any more, refresh or not. */
const ENDED = new Set(["not_signed_in", "session_ended", "refresh_token_reused"]);
/** An access cookie with less left than this is renewed before it is used. */
const EXPIRY_MARGIN_MS = 20_000;

/**
 * Speaks to the API with the cookies of this browser. Access cookies last ten minutes. One that is
 * about to end is renewed first, because addresses that also answer strangers take a worn-out cookie
 * for a stranger's and never say 401. A 401 `not_signed_in` is answered by a refresh and one
 * repetition. Refreshes are shared by every request and tab that meets the end of a cookie at that
 * time. `onSessionEnded` is called when they do not help.
 */
export const createClient = (host: ClientHost, onSessionEnded: () => void): ApiClient => {
  let pending: Promise<void> | null = null;

  const refreshUnlessDone = (sinceMs: number): Promise<void> =>
    host.exclusively(async () => {
      // Another request or tab may have refreshed while this one was under way.
      if ((host.sessionTimes()?.refreshedAtMs ?? 0) < sinceMs) {
        await send(host, "/auth/refresh", { method: "POST", body: {}, givesSession: true });
      }
    });

  const refresh = (sinceMs: number): Promise<void> => {
    pending ??= refreshUnlessDone(sinceMs).finally(() => {
      pending = null;
    });
    return pending;
  };

  const freshen = async (): Promise<void> => {
    const times = host.sessionTimes();
    const nowMs = host.nowMs();
    if (times !== null && times.accessExpiresAtMs - EXPIRY_MARGIN_MS < nowMs) {
      // Should it fail, the request itself will tell, or do without a session.
      await refresh(nowMs).catch((error: unknown) => {
        if (isEnd(error)) {
          host.rememberSession(null);
        }
      });
    }
  };

  const sendRefreshing = async <T>(path: string, options: RequestOptions): Promise<T> => {
    await freshen();
    const sentAtMs = host.nowMs();
    try {
      return await send<T>(host, path, options);
    } catch (error) {
      const worthIt = host.sessionTimes() !== null && isEnd(error) && error.code === REFRESHABLE;
      if (!worthIt) {
        throw error;
      }
    }
    await refresh(sentAtMs);
    return await send<T>(host, path, options);
  };

  const request = async <T>(path: string, options: RequestOptions = {}): Promise<T> => {
    if (options.refresh === false) {
      return await send<T>(host, path, options);
    }
    try {
      return await sendRefreshing<T>(path, options);
    } catch (error) {
      if (isEnd(error)) {
        host.rememberSession(null);
        onSessionEnded();
      }
      throw error;
    }
  };

  return { request, freshen };
};

const isEnd = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.status === 401 && ENDED.has(error.code);

const send = async <T>(host: ClientHost, path: string, options: RequestOptions): Promise<T> => {
  const { response, text } = await exchange(host, path, options);
  if (!response.ok) {
    throw problemFrom(response.status, text, response.headers.get("retry-after"));
  }
  // The server's shapes are checked by its own tests; here the type is taken at its word.
  const body = (text === "" ? undefined : JSON.parse(text)) as T;
  if (options.givesSession) {
    const answer = body as SignInBody;
    if (!("challenge" in answer)) {
      host.rememberSession(sessionTimes(host.nowMs(), answer, response.headers.get("date")));
    }
  }
  return body;
};

/** The server's clock may differ from ours: what counts is how long its token lasts from its now. */
const sessionTimes = (nowMs: number, tokens: TokensBody, date: string | null): SessionTimes => ({
  refreshedAtMs: nowMs,
  accessExpiresAtMs:
    Date.parse(tokens.accessTokenExpiresAt) - (date === null ? nowMs : Date.parse(date)) + nowMs,
});

const exchange = async (host: ClientHost, path: string, options: RequestOptions) => {
  try {
    const response = await host.fetch(path, {
      method: options.method ?? "GET",
      headers: {
        accept: "application/json",
        ...(options.body === undefined ? {} : { "content-type": "application/json" }),
        ...(options.file === undefined ? {} : { "content-type": "application/octet-stream" }),
        ...options.headers,
      },
      credentials: "same-origin",
      body: options.file ?? (options.body === undefined ? null : JSON.stringify(options.body)),
      signal: options.signal ?? null,
    });
    return { response, text: await response.text() };
  } catch (cause) {
    throw options.signal?.aborted ? cause : unreachable(cause);
  }
};
