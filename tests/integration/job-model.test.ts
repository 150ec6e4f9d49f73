/**
 * The life of a job against a model of it: commands in any order, posts of any attempt, repeated,
 * late and contradictory, and the database must say what the model says after each.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import type { Database } from "../../src/db/index.ts";
import { attempts } from "../../src/db/schema.ts";
import { SluiceError } from "../../src/errors.ts";
import type { Launcher } from "../../src/launcher/index.ts";
import { dispatch } from "../../src/videos/dispatch.ts";
import { cancelJobs } from "../../src/videos/job.ts";
import type { JobEvent } from "../../src/videos/job-message.ts";
import { reportJobEvent } from "../../src/videos/job-report.ts";
import { launchPending } from "../../src/videos/launch.ts";
import { attemptExited, createStopper, recoverAttempts } from "../../src/videos/recover.ts";
import { retryVideo } from "../../src/videos/retry.ts";
import { transitionVideo } from "../../src/videos/video.ts";
import { openTestDatabase } from "../fixtures/databases.ts";
import { fakeResult } from "../fixtures/fake-transcoder.ts";
import {
  addUploadedVideo,
  openTestStorage,
  passBackoff,
  readAttempts,
  readJob,
  readVideo,
  type StorageFolder,
  silentLog,
  type TestVideo,
  testKeys,
} from "../fixtures/jobs.ts";

const MAX_ATTEMPTS = 2;

type Report = "progress" | "succeeded" | "broke" | "unusable";
type Command =
  | { readonly do: "launch" | "redeliver" | "lapse" | "retry" | "delete" }
  | { readonly do: "exit"; readonly attempt: number }
  | { readonly do: "post"; readonly attempt: number; readonly report: Report };

type Model = {
  video: "queued" | "processing" | "ready" | "failed" | "deleted";
  job: "pending" | "launched" | "running" | "succeeded" | "failed" | "cancelled";
  attempts: ("launched" | "running" | "succeeded" | "failed" | "cancelled")[];
  failures: number;
  retryable: boolean;
};

/** What a command may do; returns the error it must end with, if any. */
const step = (model: Model, command: Command): string | null => {
  const newest = model.attempts.length;
  const live = model.job === "launched" || model.job === "running";
  const fail = (retryable: boolean) => {
    model.attempts[newest - 1] = "failed";
    model.failures += 1;
    if (retryable && model.failures < MAX_ATTEMPTS) {
      model.job = "pending";
    } else {
      Object.assign(model, { job: "failed", video: "failed", retryable });
    }
  };
  switch (command.do) {
    case "redeliver":
      return null;
    case "launch":
      if (model.job === "pending") {
        model.job = "launched";
        model.attempts.push("launched");
      }
      return null;
    case "lapse":
      if (live) {
        fail(true);
      }
      return null;
    case "exit":
      if (live && command.attempt === newest) {
        fail(true);
      }
      return null;
    case "retry":
      if (model.video !== "failed" || !model.retryable) {
        return "video_not_retryable";
      }
      Object.assign(model, { job: "pending", video: "queued", failures: 0 });
      return null;
    case "delete":
      if (model.job !== "succeeded") {
        model.job = "cancelled";
        model.attempts = model.attempts.map((status) =>
          status === "launched" || status === "running" ? "cancelled" : status,
        );
      }
      model.video = "deleted";
      return null;
    case "post": {
      const status = model.attempts[command.attempt - 1];
      const ends = { succeeded: "succeeded", broke: "failed", unusable: "failed", progress: null };
      if (status === undefined) {
        return "job_not_found";
      }
      if (status === ends[command.report]) {
        return null;
      }
      const lateSuccess =
        command.report === "succeeded" && (model.job === "pending" || model.job === "failed");
      if (command.attempt !== newest || !(live || lateSuccess)) {
        return "attempt_superseded";
      }
      if (command.report === "progress") {
        Object.assign(model, { job: "running", video: "processing" });
        model.attempts[newest - 1] = "running";
      } else if (command.report === "succeeded") {
        Object.assign(model, { job: "succeeded", video: "ready" });
        model.attempts[newest - 1] = "succeeded";
      } else {
        fail(command.report === "broke");
      }
      return null;
    }
  }
};

const events: Record<Report, JobEvent> = {
  progress: { type: "progress", percent: 10, etaSeconds: null, speed: null },
  succeeded: { type: "succeeded", result: fakeResult },
  broke: { type: "failed", code: "output_full", message: "Full.", retryable: true },
  unusable: { type: "failed", code: "source_truncated", message: "Cut.", retryable: false },
};

const attempt = fc.integer({ min: 1, max: 3 });
const commands = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Command>({ do: "launch" }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("post" as const),
        attempt,
        report: fc.constantFrom<Report>("progress", "succeeded", "succeeded", "broke", "unusable"),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("exit" as const), attempt }) },
    {
      weight: 2,
      arbitrary: fc.constantFrom<Command>({ do: "lapse" }, { do: "redeliver" }, { do: "retry" }),
    },
    { weight: 1, arbitrary: fc.constant<Command>({ do: "delete" }) },
  ),
  { minLength: 8, maxLength: 24 },
);

const launcher: Launcher = {
  capacity: Number.POSITIVE_INFINITY,
  startSeconds: 0,
  launch: async ({ attempt: number }) => `ref-${number}`,
  find: async () => null,
  inspect: async (refs) => new Map(refs.map((ref) => [ref, { kind: "running" }])),
  stop: async () => "gone",
  onExit: () => {},
  close: async () => {},
};

const signal = new AbortController().signal;
let database: Database;
let folder: StorageFolder;
beforeAll(async () => {
  folder = await openTestStorage();
}, 30_000);
afterAll(async () => {
  await folder.remove();
});

const execute = async (
  video: TestVideo,
  jobId: string,
  command: Command,
  sequence: number,
): Promise<void> => {
  const context = {
    database,
    launcher,
    storage: folder.storage,
    keys: testKeys,
    log: silentLog,
    maxAttempts: MAX_ATTEMPTS,
    leaseSeconds: 30,
  };
  switch (command.do) {
    case "redeliver":
      await dispatch(database, video.message);
      return;
    case "launch":
      await passBackoff(database);
      await launchPending(context, signal);
      return;
    case "lapse": {
      await database.queries.update(attempts).set({ leaseExpiresAt: sql`now() - interval '1 s'` });
      const stopper = createStopper(context);
      await recoverAttempts(context, stopper);
      await stopper.settled();
      return;
    }
    case "exit": {
      const ended = { exitCode: 1, signal: null, code: null, reason: ".", after: "count" as const };
      await attemptExited(context, { jobId, attempt: command.attempt, ...ended });
      return;
    }
    case "retry":
      await retryVideo(database, video.videoId);
      return;
    case "delete":
      await database.queries.transaction(async (tx) => {
        await cancelJobs(tx, video.videoId);
        await transitionVideo(tx, { videoId: video.videoId, transition: "deleted" });
      });
      return;
    case "post":
      await reportJobEvent(context, jobId, {
        version: 1,
        attempt: command.attempt,
        sequence,
        event: events[command.report],
      });
  }
};

const errorCode = (thrown: unknown): string => {
  if (thrown instanceof SluiceError) {
    return thrown.code;
  }
  throw thrown;
};

test("whatever happens in whatever order, a job does what its model says", async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      database = await openTestDatabase("pglite");
      const video = await addUploadedVideo(database, folder.storage, "x");
      await dispatch(database, video.message);
      const { id: jobId } = await readJob(database, video.videoId);
      const model: Model = {
        video: "queued",
        job: "pending",
        attempts: [],
        failures: 0,
        retryable: false,
      };
      for (const [index, command] of sequence.entries()) {
        const failure = await execute(video, jobId, command, index).then(() => null, errorCode);
        expect({ command, failure }).toEqual({ command, failure: step(model, command) });
        const row = await readVideo(database, video.videoId);
        // One job, however often its message came: readJob refuses any other number.
        const job = await readJob(database, video.videoId);
        const tries = await readAttempts(database, jobId);
        expect({
          video: row.status,
          job: job.status,
          attempts: tries.map(({ status }) => status),
        }).toEqual({ video: model.video, job: model.job, attempts: model.attempts });
        if (model.video === "ready") {
          const winner = tries.find(({ status }) => status === "succeeded");
          expect(row.presentationId).toBe(winner?.presentationId ?? "");
        }
      }
    }),
    { numRuns: 60 },
  );
}, 180_000);
