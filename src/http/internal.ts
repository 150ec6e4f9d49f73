import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { Database } from "../db/index.ts";
import { SluiceError } from "../errors.ts";
import type { Keys } from "../keys.ts";
import type { Log } from "../log.ts";
import { loudnessTarget } from "../loudness.ts";
import type { Storage } from "../storage/index.ts";
import type { JobKeys } from "../storage/job-keys.ts";
import { readJobDocument } from "../videos/job-document.ts";
import { JobCredentials, JobDocument, JobEventPost } from "../videos/job-message.ts";
import { reportJobEvent } from "../videos/job-report.ts";
import { verifyJobToken } from "../videos/job-token.ts";
import { publishTracksOfJob } from "../videos/publish-tracks.ts";
import { jsonBodies } from "./json-body.ts";

export type JobRoutesContext = {
  readonly database: Database;
  readonly storage: Storage;
  readonly keys: Keys;
  readonly log: Log;
  /** Null: transcoders reach the storage by themselves. */
  readonly jobKeys?: JobKeys | null;
  readonly config: {
    readonly MAX_ATTEMPTS: number;
    readonly LEASE_SECONDS: number;
    readonly MAX_DURATION_SECONDS: number;
    readonly LOUDNESS: string;
  };
};

const JobPath = Type.Object({ id: Type.String({ format: "uuid" }) });

/**
 * What transcoders talk to, on the internal port alone. Each request carries the bearer token of
 * one job and attempt.
 */
export const jobRoutes = ({ jobKeys = null, ...parts }: JobRoutesContext) => {
  const { database, storage, keys, config, log } = parts;
  const context = {
    scopedCredentials: jobKeys !== null,
    database,
    storage,
    maxAttempts: config.MAX_ATTEMPTS,
    leaseSeconds: config.LEASE_SECONDS,
    maxDurationSeconds: config.MAX_DURATION_SECONDS,
    loudnessLufs: loudnessTarget(config.LOUDNESS),
  };
  const attemptOf = (request: Request, jobId: string): number =>
    verifyJobToken(keys, jobId, bearerToken(request), new Date());
  return new Elysia({ name: "jobs", prefix: "/internal/jobs", detail: { hide: true } })
    .guard(jsonBodies)
    .get(
      "/:id",
      ({ params: { id }, request }) =>
        readJobDocument(context, { jobId: id, attempt: attemptOf(request, id) }),
      { params: JobPath, response: { 200: JobDocument } },
    )
    .get(
      "/:id/credentials",
      async ({ params: { id }, request, set }) => {
        const document = await readJobDocument(context, {
          jobId: id,
          attempt: attemptOf(request, id),
        });
        if (jobKeys === null) {
          throw new SluiceError("not_found");
        }
        const { expiresAt, ...pair } = await jobKeys(document);
        set.headers["cache-control"] = "no-store";
        return { ...pair, expiresAt: expiresAt.toISOString() };
      },
      { params: JobPath, response: { 200: JobCredentials } },
    )
    .post(
      "/:id/events",
      async ({ params: { id }, body, request, set }) => {
        if (attemptOf(request, id) !== body.attempt) {
          throw new SluiceError("job_token_invalid");
        }
        await reportJobEvent(context, id, body);
        if (body.event.type === "playable" || body.event.type === "succeeded") {
          // A failure is answered as one: the transcoder posts again, which repeats this alone.
          await publishTracksOfJob({ database, storage, log }, id);
        }
        set.status = 204;
      },
      { params: JobPath, body: JobEventPost },
    );
};

/** @throws SluiceError `job_token_invalid` */
const bearerToken = (request: Request): string => {
  const [, token] = /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  if (token === undefined) {
    throw new SluiceError("job_token_invalid");
  }
  return token;
};
