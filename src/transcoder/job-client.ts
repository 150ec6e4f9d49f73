import { Value } from "@sinclair/typebox/value";
import { SluiceError } from "../errors.ts";
import {
  JOB_PROTOCOL_VERSION,
  JobCredentials,
  JobDocument,
  type JobEvent,
  type JobEventPost,
} from "../videos/job-message.ts";
import { interruptibleSleep } from "./interruptible-sleep.ts";
import type { JobSettings } from "./job-settings.ts";

/**
 * How long a request that matters is repeated: longer than an api takes to be replaced, and than a
 * database to fail over. Only a result whose report is lost is found in storage; all else would be
 * done again.
 */
const PATIENCE_MS = 120_000;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 8_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Speaks to the api's internal port for one attempt of one job. */
export type JobClient = {
  /** Throws `attempt_superseded`, `job_token_invalid`, `job_not_found` or `interrupted`. */
  readonly fetchDocument: (signal: AbortSignal) => Promise<JobDocument>;
  /** Keys for the job's places in S3. Throws as `fetchDocument` does. */
  readonly fetchCredentials: (signal: AbortSignal) => Promise<JobCredentials>;
  /**
   * Posts an event, again and again for `patienceMs` (default two minutes) while the api cannot be
   * reached. Throws as `fetchDocument` does.
   */
  readonly post: (event: JobEvent, signal: AbortSignal, patienceMs?: number) => Promise<void>;
};

export const createJobClient = ({ apiUrl, jobId, attempt, token }: JobSettings): JobClient => {
  const base = `${apiUrl}/internal/jobs/${encodeURIComponent(jobId)}`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  let sequence = 0;
  return {
    fetchDocument: async (signal) => {
      const response = await send(base, { headers }, signal, PATIENCE_MS);
      const document: unknown = await response.json().catch(() => null);
      if (!Value.Check(JobDocument, document)) {
        throw new SluiceError("transcode_failed", {
          message: "The api's job document is of another version than this transcoder.",
        });
      }
      return document;
    },
    fetchCredentials: async (signal) => {
      const response = await send(`${base}/credentials`, { headers }, signal, PATIENCE_MS);
      const found: unknown = await response.json().catch(() => null);
      if (Value.Check(JobCredentials, found)) return found;
      throw new SluiceError("transcode_failed", {
        message: "The api gave no keys for the storage.",
      });
    },
    post: async (event, signal, patienceMs = PATIENCE_MS) => {
      const post: JobEventPost = { version: JOB_PROTOCOL_VERSION, attempt, sequence, event };
      sequence += 1;
      const request = { method: "POST", headers, body: JSON.stringify(post) };
      await send(`${base}/events`, request, signal, patienceMs);
    },
  };
};

/** Repeats what may pass: network errors, 429 and 5xx, with growing, jittered waits. */
const send = async (
  url: string,
  request: RequestInit,
  signal: AbortSignal,
  patienceMs: number,
): Promise<Response> => {
  const startMs = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    let failure: unknown;
    try {
      const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
      const response = await fetch(url, { ...request, signal: AbortSignal.any([signal, timeout]) });
      if (response.ok) return response;
      if (response.status < 500 && response.status !== 429) throw await refusal(response);
      failure = new Error(`the api answered ${response.status}`);
    } catch (thrown) {
      if (thrown instanceof SluiceError) throw thrown;
      signal.throwIfAborted();
      failure = thrown;
    }
    const wait =
      Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
    if (performance.now() - startMs + wait > patienceMs) {
      throw new SluiceError("interrupted", {
        message: "The api cannot be reached.",
        cause: failure,
      });
    }
    await interruptibleSleep(wait, signal);
    signal.throwIfAborted();
  }
};

/** An answer that repeating will not change. */
const refusal = async (response: Response): Promise<SluiceError> => {
  const problem: unknown = await response.json().catch(() => null);
  const code =
    typeof problem === "object" && problem !== null && "code" in problem ? problem.code : null;
  if (response.status === 409 || code === "attempt_superseded") {
    return new SluiceError("attempt_superseded");
  }
  if (response.status === 401 || response.status === 403)
    return new SluiceError("job_token_invalid");
  if (response.status === 404) return new SluiceError("job_not_found");
  return new SluiceError("transcode_failed", {
    message: `The api refused a message of this job (${response.status}, ${String(code)}).`,
  });
};
