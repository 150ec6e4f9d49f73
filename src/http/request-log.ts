import { Elysia } from "elysia";
import type { Log } from "../log.ts";
import type { Metrics } from "./metrics.ts";

/** Accepted from a proxy in front when it looks like an id, so that one id follows a request through all logs. */
const REQUEST_ID = /^[\w.-]{8,128}$/;

type Started = { readonly id: string; readonly log: Log; readonly atMs: number };

const started = new WeakMap<Request, Started>();

/** The id of a request under way; also in its `X-Request-Id` answer header. */
export const requestIdOf = (request: Request): string => started.get(request)?.id ?? "unknown";

/** The log of a request under way: every line carries its id. */
export const requestLogOf = (request: Request, fallback: Log): Log =>
  started.get(request)?.log ?? fallback;

/** Plugin: gives every request an id and a log, writes one line and one observation when it is answered. */
export const requestLog = (log: Log, metrics: Metrics) =>
  new Elysia({ name: "request-log" })
    .onRequest(({ request, set }) => {
      const given = request.headers.get("x-request-id");
      const id = given && REQUEST_ID.test(given) ? given : Bun.randomUUIDv7();
      started.set(request, { id, log: log.child({ requestId: id }), atMs: performance.now() });
      set.headers["x-request-id"] = id;
    })
    .onAfterResponse({ as: "global" }, ({ request, route, set, responseValue }) => {
      const entry = started.get(request);
      if (!entry) {
        return;
      }
      const status = statusOf(responseValue, set.status);
      const milliseconds = performance.now() - entry.atMs;
      metrics.observeRequest({
        method: request.method,
        route,
        status,
        seconds: milliseconds / 1000,
      });
      entry.log[status >= 500 ? "error" : "info"](
        {
          method: request.method,
          path: withoutTokens(new URL(request.url).pathname),
          status,
          ms: Math.round(milliseconds * 10) / 10,
        },
        "request",
      );
    });

const statusOf = (answer: unknown, status: number | string | undefined): number => {
  if (answer instanceof Response) {
    return answer.status;
  }
  return typeof status === "number" ? status : 200;
};

/** Media and part addresses carry their authority in the path; the log must not hand it out. */
const withoutTokens = (path: string): string =>
  path.replace(/^\/(media|storage\/[^/]+)\/[^/]+/, "/$1/…");
