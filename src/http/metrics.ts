import { Elysia } from "elysia";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Bucket bounds in seconds: a cached answer takes under a millisecond, an upload part minutes. */
const DURATION_BUCKETS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60];

export type JobCounts = {
  readonly pending: number;
  readonly running: number;
};

/** What is counted, and the text that Prometheus reads. */
export type Metrics = {
  observeRequest(request: { method: string; route: string; status: number; seconds: number }): void;
  /** Counts an unexpected error; alarms hang on this one. */
  countInternalError(): void;
  /** Exposition format 0.0.4. */
  text(): Promise<string>;
  readonly contentType: string;
};

/** @param jobCounts asked at each scrape */
export const createMetrics = (jobCounts: () => Promise<JobCounts>): Metrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: "sluice_http_request_duration_seconds",
    help: "Time from request to answer.",
    labelNames: ["method", "route", "status"],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  const internalErrors = new Counter({
    name: "sluice_internal_errors_total",
    help: "Unexpected errors; each has a log line with the request id.",
    registers: [registry],
  });
  const jobs: Gauge = new Gauge({
    name: "sluice_jobs",
    help: "Transcode jobs that wait or run.",
    labelNames: ["status"],
    registers: [registry],
    collect: async () => {
      // Without the database the rest is still worth reading, now more than ever.
      const counts = await jobCounts().catch(() => null);
      jobs.reset();
      if (counts === null) {
        return;
      }
      jobs.set({ status: "pending" }, counts.pending);
      jobs.set({ status: "running" }, counts.running);
    },
  });
  return {
    observeRequest: ({ method, route, status, seconds }) =>
      duration.observe({ method, route: route || "unmatched", status }, seconds),
    countInternalError: () => internalErrors.inc(),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
};

/** `GET /metrics` for Prometheus; belongs on the internal port. */
export const metricsRoutes = (metrics: Metrics) =>
  new Elysia({ name: "metrics" }).get(
    "/metrics",
    async () =>
      new Response(await metrics.text(), { headers: { "content-type": metrics.contentType } }),
  );
