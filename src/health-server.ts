import type { Log } from "./log.ts";

/**
 * Answers `/health/live` and `/health/ready` for a process that serves nothing else, to this machine
 * alone.
 * @param options.port 0 opens nothing
 * @param options.check rejects while the process cannot do its work
 * @returns closes it
 */
export const serveHealth = (options: {
  port: number;
  check: () => Promise<void>;
  log: Log;
}): (() => Promise<void>) => {
  const { port, check, log } = options;
  if (port === 0) {
    return async () => {};
  }
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    routes: {
      "/health/live": () => Response.json({ status: "live" }),
      "/health/ready": async () => {
        try {
          await check();
          return Response.json({ status: "ready" });
        } catch (error) {
          log.warn({ err: error }, "not ready");
          return Response.json({ status: "unavailable" }, { status: 503 });
        }
      },
    },
    fetch: () => new Response(null, { status: 404 }),
  });
  return () => server.stop(true);
};
