import { SluiceError, toSluiceError } from "../errors.ts";
import type { JobDocument, JobEvent, TranscodeResult } from "../videos/job-message.ts";
import { openEarlierAttempt } from "./earlier-attempt.ts";
import { EXIT, type ExitCode, exitCodeFor, isRetryable } from "./exit-codes.ts";
import { interruptibleSleep } from "./interruptible-sleep.ts";
import { createJobClient, type JobClient } from "./job-client.ts";
import { jobCredentials } from "./job-credentials.ts";
import type { JobSettings } from "./job-settings.ts";
import { Stores } from "./stores.ts";
import { transcode } from "./transcode.ts";
import { startWatchdog } from "./watchdog.ts";

export type JobOptions = {
  /** Aborts on SIGTERM or SIGINT; the reason is a `SluiceError` "interrupted". */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** The process must end now: a native call does not return. */
  readonly onHung: () => void;
  /** Shuts the process in; comes back only where it already is, or cannot be. */
  readonly confine: (document: JobDocument) => Promise<void>;
};

/** Progress goes out at most this often; the heartbeat sends it again when nothing changed. */
const PROGRESS_INTERVAL_MS = 700;

/** A lost progress post is followed by the next; only a success or a failure is worth more. */
const PROGRESS_PATIENCE_MS = 500;

/**
 * One attempt of one job: fetch what to do, give up every right that it does not take, do it, say how it went. When the api says that another
 * attempt took over, everything stops at once and nothing more is written or posted.
 */
export const runJob = async (settings: JobSettings, options: JobOptions): Promise<ExitCode> => {
  const client = createJobClient(settings);
  const superseded = new AbortController();
  using watchdog = startWatchdog({
    afterSeconds: settings.watchdogSeconds,
    onHung: options.onHung,
  });
  const signal = AbortSignal.any([options.signal, superseded.signal, watchdog.signal]);
  const reporter = new Reporter(client, settings.heartbeatSeconds, (thrown) => {
    superseded.abort(thrown);
  });
  let isFinished = false;
  try {
    const document = await client.fetchDocument(signal);
    watchdog.touch();
    await options.confine(document);
    const { resumeFrom } = document;
    const isScoped = document.scopedCredentials === true;
    using stores = new Stores(isScoped ? jobCredentials(client) : undefined);
    const result = await transcode(document.source, document.output, {
      signal,
      maxDurationSeconds: document.maxDurationSeconds,
      loudnessLufs: document.loudnessLufs,
      // The prefix is this attempt's own and swept by the api; a later attempt may take segments from it.
      discardOnFailure: false,
      overwrite: true,
      checkpoints: {
        earlier: resumeFrom === undefined ? null : openEarlierAttempt(resumeFrom, stores),
      },
      stores,
      onActivity: watchdog.touch,
      onEvent: (event) => {
        if (event.type === "started") {
          const { durationSeconds } = event;
          reporter.begin(durationSeconds === null ? {} : { durationSeconds }, signal);
        } else if (event.type === "resumed") {
          options.log(
            `transcoder: job ${settings.jobId}: goes on with ${event.segments} segments of an earlier attempt`,
          );
        } else if (event.type === "progress") {
          const { percent, etaSeconds, speed } = event;
          reporter.progress({ type: "progress", percent, etaSeconds, speed });
        }
      },
    });
    await reporter.end();
    isFinished = true;
    await reportSuccess(client, result, signal, watchdog.touch);
    return EXIT.ok;
  } catch (thrown) {
    const error = toSluiceError(thrown, "transcode_failed");
    await reporter.end();
    options.log(`transcoder: job ${settings.jobId}: ${error.message} [${error.code}]`);
    if (error.cause !== undefined) options.log(String(error.cause));
    // A failure reported now would take back a result that is only waiting to be found.
    const isOver = error.code === "attempt_superseded" || isFinished;
    if (!isOver) await postFailure(client, error, options.log);
    return exitCodeFor(error);
  }
};

/**
 * The result lies in storage by now, so the work is done whatever happens: an interruption leaves a
 * few seconds to say so, and where nobody can be told the backend finds the file.
 */
const reportSuccess = async (
  client: JobClient,
  result: TranscodeResult,
  signal: AbortSignal,
  onActivity: () => void,
): Promise<void> => {
  // Waiting for the api is no standstill; the posts have an end of their own.
  const moving = setInterval(onActivity, REPORT_HEARTBEAT_MS);
  try {
    await client.post({ type: "playable" }, signal);
    await client.post({ type: "succeeded", result }, signal);
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    await client.post({ type: "succeeded", result }, AbortSignal.timeout(FINAL_POST_TIMEOUT_MS));
  } finally {
    clearInterval(moving);
  }
};

/** Far below any watchdog. */
const REPORT_HEARTBEAT_MS = 1_000;

const postFailure = async (
  client: JobClient,
  error: SluiceError,
  log: (line: string) => void,
): Promise<void> => {
  const { code, message } = error;
  try {
    // A fresh signal: the job's own may be the reason for the failure.
    const signal = AbortSignal.timeout(FINAL_POST_TIMEOUT_MS);
    await client.post({ type: "failed", code, message, retryable: isRetryable(error) }, signal);
  } catch (thrown) {
    log(`transcoder: the failure could not be reported: ${String(thrown)}`);
  }
};

/** Orchestrators kill ten seconds after SIGTERM at the earliest. */
const FINAL_POST_TIMEOUT_MS = 8_000;

type ProgressEvent = Extract<JobEvent, { type: "progress" }>;

/** Posts started and progress in order, one at a time, and again as a heartbeat. */
class Reporter {
  readonly #client: JobClient;
  readonly #heartbeatMs: number;
  readonly #onRefused: (thrown: unknown) => void;
  readonly #stopped = new AbortController();
  #latest: ProgressEvent | null = null;
  #hasNews = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(client: JobClient, heartbeatSeconds: number, onRefused: (thrown: unknown) => void) {
    this.#client = client;
    this.#heartbeatMs = heartbeatSeconds * 1000;
    this.#onRefused = onRefused;
  }

  /** Posts "started" for as long as the job's own signal allows: nothing comes before it. */
  begin(facts: { durationSeconds?: number }, signal: AbortSignal): void {
    this.#loop = this.#run({ type: "started", ...facts }, signal);
  }

  progress(event: ProgressEvent): void {
    this.#hasNews = this.#latest === null || event.percent > this.#latest.percent;
    this.#latest = event;
  }

  /** No post is under way after this. */
  async end(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #run(started: JobEvent, jobSignal: AbortSignal): Promise<void> {
    const { signal } = this.#stopped;
    try {
      await this.#client.post(started, jobSignal);
      let lastMs = performance.now();
      while (!signal.aborted) {
        await interruptibleSleep(Math.min(PROGRESS_INTERVAL_MS, this.#heartbeatMs), signal);
        const isDue = this.#hasNews || performance.now() - lastMs >= this.#heartbeatMs;
        if (signal.aborted || this.#latest === null || !isDue) continue;
        this.#hasNews = false;
        lastMs = performance.now();
        await this.#postLatest(this.#latest, signal);
      }
    } catch (thrown) {
      if (!signal.aborted) this.#onRefused(thrown);
    }
  }

  async #postLatest(event: ProgressEvent, signal: AbortSignal): Promise<void> {
    try {
      await this.#client.post(event, signal, PROGRESS_PATIENCE_MS);
    } catch (thrown) {
      // An api that restarts is no reason to stop; one that says no is.
      if (!(thrown instanceof SluiceError && thrown.code === "interrupted")) throw thrown;
    }
  }
}
