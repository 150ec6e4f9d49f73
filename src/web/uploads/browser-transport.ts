import type { SignedPart } from "../../http/schemas.ts";
import { unreachable } from "../api/problem.ts";
import { partProblem } from "./part-problem.ts";

type SendInput = {
  readonly part: SignedPart;
  readonly body: Blob;
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
};

/** Sends one part. By XMLHttpRequest, because fetch does not tell how much of a body has left. */
export const sendPart = ({ part, body, signal, onProgress }: SendInput): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    const settle = (finish: () => void): void => {
      signal.removeEventListener("abort", abort);
      finish();
    };
    request.open(part.method, part.url);
    for (const [name, value] of Object.entries(part.headers)) {
      request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () =>
      settle(() =>
        request.status >= 200 && request.status < 300
          ? resolve()
          : reject(
              partProblem(
                request.status,
                request.responseText,
                request.getResponseHeader("retry-after"),
              ),
            ),
      );
    request.onerror = () => settle(() => reject(unreachable()));
    request.onabort = () => settle(() => reject(signal.reason));
    signal.addEventListener("abort", abort, { once: true });
    request.send(body);
  });

/** Waits `ms`, less when the connection comes back meanwhile. @throws the signal's reason */
export const waitOrOnline = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const done = new AbortController();
    const finish = (settle: () => void) => (): void => {
      clearTimeout(timer);
      done.abort();
      settle();
    };
    const timer = setTimeout(finish(resolve), ms);
    addEventListener("online", finish(resolve), { signal: done.signal });
    signal.addEventListener(
      "abort",
      finish(() => reject(signal.reason)),
      { signal: done.signal },
    );
  });
