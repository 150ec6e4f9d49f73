import { type AnyElysia, Elysia } from "elysia";
import type { Log } from "../log.ts";
import { fromElysia, httpStatus, problemResponse } from "./errors.ts";
import type { Metrics } from "./metrics.ts";
import { requestIdOf, requestLog, requestLogOf } from "./request-log.ts";
import { type OtherOrigins, security } from "./security.ts";

/** What every one of our HTTP applications needs around its routes. */
export type AppFrame = {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly publicUrl: string;
  /** Default: the page speaks to the api alone. */
  readonly otherOrigins?: OtherOrigins;
};

/**
 * Wraps routes into an application: request ids and log, security headers and the cross-site check,
 * and problem+json for everything that is thrown.
 */
export const createApp = (frame: AppFrame, routes: readonly AnyElysia[]): AnyElysia => {
  const app: AnyElysia = new Elysia()
    .use(requestLog(frame.log, frame.metrics))
    .use(security(frame.publicUrl, frame.otherOrigins))
    .onError({ as: "global" }, ({ code, error, request, set }) => {
      const failure = fromElysia({ code, error });
      const id = requestIdOf(request);
      if (failure.code === "internal") {
        frame.metrics.countInternalError();
        requestLogOf(request, frame.log).error(
          { err: failure.cause ?? failure },
          "unexpected error",
        );
      } else if (httpStatus(failure.code) >= 500) {
        requestLogOf(request, frame.log).error({ err: failure, code: failure.code }, "failed");
      }
      set.status = httpStatus(failure.code);
      return problemResponse(failure, id);
    });
  return routes.reduce((whole, plugin) => whole.use(plugin), app);
};
