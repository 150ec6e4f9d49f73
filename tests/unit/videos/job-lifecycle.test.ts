import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { eq, sql } from "drizzle-orm";
import type { Database } from "../../../src/db/index.ts";
import { attempts, jobEvents, jobs, queueMessages, users, videos } from "../../../src/db/schema.ts";
import { SluiceError } from "../../../src/errors.ts";
import type {
  LaunchExit,
  Launcher,
  LaunchRequest,
  LaunchState,
} from "../../../src/launcher/index.ts";
import { openPostgresQueue } from "../../../src/queue/postgres.ts";
import { presentationPrefix } from "../../../src/storage/keys.ts";
import { dispatch, dispatchAll, dispatchMessage } from "../../../src/videos/dispatch.ts";
import { dispatchTogether } from "../../../src/videos/dispatch-together.ts";
import {
  removeStalePresentations,
  removeTombstones,
  resendLostUploads,
} from "../../../src/videos/housekeeping.ts";
import { cancelJobs } from "../../../src/videos/job.ts";
import { readJobDocument } from "../../../src/videos/job-document.ts";
import type { JobEvent, ObjectCreated } from "../../../src/videos/job-message.ts";
import { reportJobEvent } from "../../../src/videos/job-report.ts";
import { launchPending, recordLaunch } from "../../../src/videos/launch.ts";
import { readProgress } from "../../../src/videos/progress.ts";
import { attemptExited, createStopper, recoverAttempts } from "../../../src/videos/recover.ts";
import { retryVideo } from "../../../src/videos/retry.ts";
import { transitionVideo } from "../../../src/videos/video.ts";
import { describeOnDatabases } from "../../fixtures/databases.ts";
import { diskPathOf } from "../../fixtures/disk-path.ts";
import { fakeResult } from "../../fixtures/fake-transcoder.ts";
import {
  addUploadedVideo,
  lapseLease,
  openTestStorage,
  passBackoff,
  readAttempts,
  readJob,
  readVideo,
  type StorageFolder,
  silentLog,
  testKeys,
} from "../../fixtures/jobs.ts";

const MAX_ATTEMPTS = 3;
/** For how long a launched transcoder of the test may be silent. */
const START_SECONDS = 60;
const signal = new AbortController().signal;

const secondsLeft = (time: Date | undefined): number =>
  ((time?.getTime() ?? 0) - Date.now()) / 1000;

/** A launcher whose transcoders are what the test says: it starts nothing and answers as told. */
const recordingLauncher = (capacity: number) => {
  const launched: LaunchRequest[] = [];
  const stopped: string[] = [];
  const state = {
    inspect: { kind: "running" } as LaunchState,
    /** What `find` knows by attempt. */
    found: new Map<number, string>(),
    /** What the next launches throw, first one first. */
    launchErrors: [] as SluiceError[],
    stop: "gone" as "gone" | "stopping",
    broken: false,
    /** Whether looking for launches fails. */
    findFails: false,
    /** Whether nothing can be looked up by its reference. */
    inspectFails: false,
  };
  const launcher: Launcher = {
    capacity,
    startSeconds: START_SECONDS,
    find: async ({ attempt }) => {
      if (state.findFails) {
        throw new Error("nobody answers");
      }
      return state.found.get(attempt) ?? null;
    },
    launch: async (request) => {
      if (state.broken) {
        throw new SluiceError("transcoder_missing");
      }
      launched.push(request);
      const error = state.launchErrors.shift();
      if (error) {
        throw error;
      }
      return `ref-${request.attempt}`;
    },
    inspect: async (refs) => {
      return new Map(state.inspectFails ? [] : refs.map((ref) => [ref, state.inspect]));
    },
    stop: async (ref) => {
      stopped.push(ref);
      return state.stop;
    },
    onExit: () => {},
    close: async () => {},
  };
  return { launcher, launched, stopped, state };
};

describeOnDatabases("the life of a job", (open) => {
  let database: Database;
  let folder: StorageFolder;
  beforeEach(async () => {
    database = await open();
    folder = await openTestStorage();
  });
  afterEach(async () => {
    await folder.remove();
    await database.close();
  });

  const setUp = (capacity = 1) => {
    const recording = recordingLauncher(capacity);
    const context = {
      database,
      storage: folder.storage,
      dispatch: dispatchTogether(database),
      queue: openPostgresQueue(database, silentLog),
      launcher: recording.launcher,
      keys: testKeys,
      log: silentLog,
      maxAttempts: MAX_ATTEMPTS,
      leaseSeconds: 30,
      maxDurationSeconds: 3600,
      loudnessLufs: -16,
      names: { uploadsBucket: "the-bucket", containerName: "transcoder" },
      transcoderEnded: (exit: LaunchExit) => attemptExited(context, exit),
    };
    const launch = async () => {
      await passBackoff(database);
      await launchPending(context, signal);
    };
    const recover = async (options: { forgiveSilence?: boolean } = {}) => {
      const stopper = createStopper(context);
      await recoverAttempts(context, stopper, options);
      await stopper.settled();
    };
    const queued = async () => {
      const { videoId, message } = await addUploadedVideo(database, folder.storage, "x");
      await dispatch(database, message);
      return { videoId, message, jobId: (await readJob(database, videoId)).id };
    };
    let sequence = 0;
    const post = (jobId: string, attempt: number, event: JobEvent, at = sequence++) =>
      reportJobEvent(context, jobId, { version: 1, attempt, sequence: at, event });
    const exit = (
      jobId: string,
      attempt: number,
      exitCode: number,
      after: LaunchExit["after"] = "count",
    ) =>
      attemptExited(context, {
        jobId,
        attempt,
        exitCode,
        signal: null,
        code: null,
        reason: ".",
        after,
      });
    return { ...recording, context, launch, recover, queued, post, exit };
  };
  const progress = (percent: number): JobEvent => ({
    type: "progress",
    percent,
    etaSeconds: 5,
    speed: 2,
  });
  const succeeded: JobEvent = { type: "succeeded", result: fakeResult };
  const failed = (code: string, retryable: boolean): JobEvent => ({
    type: "failed",
    code,
    message: "A sentence.",
    retryable,
  });
  const superseded = { code: "attempt_superseded" };

  test("a message makes one job, however often it comes", async () => {
    const { videoId, message } = await addUploadedVideo(database, folder.storage, "x");
    const outcomes = [];
    for (let times = 0; times < 3; times += 1) {
      outcomes.push((await dispatch(database, message)).kind);
    }
    expect(outcomes).toEqual(["job-created", "duplicate", "duplicate"]);
    expect((await readJob(database, videoId)).status).toBe("pending");
  });

  test("many events at once get each their own outcome, in order, and one job for each upload", async () => {
    const [first, second, deleted] = [
      await addUploadedVideo(database, folder.storage, "x"),
      await addUploadedVideo(database, folder.storage, "y"),
      await addUploadedVideo(database, folder.storage, "z"),
    ];
    await database.queries
      .update(videos)
      .set({ status: "deleted" })
      .where(eq(videos.id, deleted.videoId));
    const key = first.message.key.replace(first.videoId, second.videoId);
    const objects = [
      second.message,
      first.message,
      second.message,
      deleted.message,
      { ...first.message, key },
      { ...first.message, key: "elsewhere/x" },
    ];
    expect((await dispatchAll(database, objects)).map(({ kind }) => kind)).toEqual([
      "job-created",
      "job-created",
      "duplicate",
      "ignored",
      "ignored",
      "refused",
    ]);
    expect((await readJob(database, first.videoId)).objectKey).toBe(first.message.key);
    expect((await dispatchAll(database, objects)).slice(0, 2)).toEqual([
      { kind: "duplicate" },
      { kind: "duplicate" },
    ]);
    expect(await database.queries.$count(jobs)).toBe(2);
  });

  test("an object that breaks its transaction spoils none of those beside it", async () => {
    const uploaded = [];
    for (const name of ["a", "b", "c", "d"]) {
      uploaded.push(await addUploadedVideo(database, folder.storage, name));
    }
    const together = dispatchTogether(database);
    // PostgreSQL takes no zero character in a text.
    const broken = { ...uploaded[1]?.message, objectVersion: "\u0000" } as ObjectCreated;
    const asked = [uploaded[0]?.message, broken, uploaded[2]?.message, uploaded[3]?.message];
    const outcomes = await Promise.allSettled(
      asked.map((object) => (object ? together(object) : null)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    expect(await database.queries.$count(jobs)).toBe(3);
  });

  test("a message that is not ours goes to the dead letters with the reason", async () => {
    const { context } = setUp();
    const { queue } = context;
    const receive = { maxMessages: 10, waitSeconds: 0, visibilitySeconds: 30, signal };
    const { message: ours } = await addUploadedVideo(database, folder.storage, "x");
    await queue.send({ ...ours, version: 7 });
    await queue.send({
      version: 1,
      type: "object-created",
      bucket: "media",
      key: "media/x/y",
      objectVersion: null,
      sizeBytes: 1,
    });
    for (const message of await queue.receive(receive)) {
      expect((await dispatchMessage(context, message)).map(({ kind }) => kind)).toEqual([
        "refused",
      ]);
    }
    const rows = await database.queries.select().from(queueMessages).orderBy(queueMessages.id);
    expect(rows.map(({ deadReason }) => deadReason)).toEqual([
      "/version: Expected 1",
      "media/media/x/y is not an uploaded source",
    ]);
  });

  test("a message of a deleted or unknown video is dropped", async () => {
    const { context } = setUp();
    const { videoId, message } = await addUploadedVideo(database, folder.storage, "x");
    await transitionVideo(database.queries, { videoId, transition: "deleted" });
    expect(await dispatch(database, message)).toMatchObject({ kind: "ignored" });
    await context.queue.send({ ...message, key: "uploads/nobody/nothing/source" });
    const [unknown] = await context.queue.receive({
      maxMessages: 1,
      waitSeconds: 0,
      visibilitySeconds: 1,
      signal,
    });
    expect(unknown && (await dispatchMessage(context, unknown))).toMatchObject([
      { kind: "ignored" },
    ]);
    expect(await database.queries.$count(queueMessages)).toBe(0);
    expect(await database.queries.$count(jobs)).toBe(0);
  });

  test("from queued over progress to ready, with what the transcoder reported", async () => {
    const { launch, launched, queued, post, exit, context } = setUp();
    const { videoId, jobId } = await queued();
    const waiting = await queued();
    expect(
      (await readProgress(database.queries, [videoId, waiting.videoId])).get(waiting.videoId),
    ).toEqual({
      percent: 0,
      etaSeconds: null,
      speed: null,
      queuePosition: 1,
      attempt: 0,
    });

    await launch();
    expect(launched.map(({ jobId: id, attempt }) => [id, attempt])).toEqual([[jobId, 1]]);
    const document = await readJobDocument(context, { jobId, attempt: 1 });
    const [attempt] = await readAttempts(database, jobId);
    const prefix = presentationPrefix(videoId, attempt?.presentationId ?? "");
    expect(document).toMatchObject({ jobId, attempt: 1, videoId, maxDurationSeconds: 3600 });
    expect(`${diskPathOf(document.output)}/`.endsWith(prefix)).toBe(true);

    await post(jobId, 1, { type: "started" });
    await post(jobId, 1, progress(42));
    expect((await readVideo(database, videoId)).status).toBe("processing");
    expect((await readProgress(database.queries, [videoId])).get(videoId)).toEqual({
      percent: 42,
      etaSeconds: 5,
      speed: 2,
      queuePosition: null,
      attempt: 1,
    });

    await post(jobId, 1, succeeded);
    expect(await readVideo(database, videoId)).toMatchObject({
      status: "ready",
      presentationId: attempt?.presentationId,
      durationSeconds: 2,
      width: 640,
      height: 360,
      hasAudio: false,
      hasPoster: false,
      mediaBytes: 100_000,
      renditions: fakeResult.renditions,
      playableAt: expect.any(Date),
      readyAt: expect.any(Date),
    });
    await exit(jobId, 1, 0);
    expect(await readJob(database, videoId)).toMatchObject({ status: "succeeded", attempt: 1 });
    expect(await readProgress(database.queries, [videoId])).toEqual(new Map());
    const history = await database.queries
      .select()
      .from(jobEvents)
      .where(eq(jobEvents.jobId, jobId))
      .orderBy(jobEvents.id);
    expect(history.map(({ type }) => type)).toEqual(["launched", "started", "succeeded"]);
  });

  test("repeated and reordered posts change nothing, and progress never falls", async () => {
    const { launch, queued, post } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    await post(jobId, 1, progress(50), 2);
    await post(jobId, 1, progress(30), 1);
    await post(jobId, 1, { type: "started" }, 0);
    await post(jobId, 1, progress(10), 3);
    expect((await readProgress(database.queries, [videoId])).get(videoId)?.percent).toBe(50);
    await post(jobId, 1, succeeded, 4);
    await post(jobId, 1, succeeded, 4);
    await expect(post(jobId, 1, progress(99), 5)).rejects.toMatchObject(superseded);
    await expect(post(jobId, 1, failed("transcode_failed", true), 6)).rejects.toMatchObject(
      superseded,
    );
    expect((await readVideo(database, videoId)).status).toBe("ready");
  });

  test("an attempt that was replaced is not heard any more", async () => {
    const { launch, queued, post, exit } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    await exit(jobId, 1, 1);
    await launch();
    await expect(post(jobId, 1, progress(90))).rejects.toMatchObject(superseded);
    await expect(post(jobId, 1, succeeded)).rejects.toMatchObject(superseded);
    await post(jobId, 2, succeeded);
    const [, second] = await readAttempts(database, jobId);
    expect((await readVideo(database, videoId)).presentationId).toBe(second?.presentationId ?? "");
  });

  test("a file that cannot be used fails the video at once and for good", async () => {
    const { launch, launched, queued, post, exit } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    await post(jobId, 1, failed("source_truncated", true));
    await exit(jobId, 1, 65);
    await launch();
    expect(launched).toHaveLength(1);
    expect(await readVideo(database, videoId)).toMatchObject({
      status: "failed",
      failureCode: "source_truncated",
      failureMessage: "A sentence.",
      failureRetryable: false,
    });
    await expect(retryVideo(database, videoId)).rejects.toMatchObject({
      code: "video_not_retryable",
    });
  });

  test("a failure of ours is tried again up to the limit, then a person may retry", async () => {
    const { launch, launched, queued, post, exit } = setUp();
    const { videoId, jobId } = await queued();
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      await launch();
      await expect(retryVideo(database, videoId)).rejects.toMatchObject({
        code: "video_not_retryable",
      });
      await post(jobId, attempt, failed("output_full", true));
      await exit(jobId, attempt, 73);
    }
    await launch();
    expect(launched.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(await readVideo(database, videoId)).toMatchObject({
      status: "failed",
      failureCode: "output_full",
      failureRetryable: true,
    });
    await retryVideo(database, videoId);
    expect(await readVideo(database, videoId)).toMatchObject({
      status: "queued",
      failureCode: null,
    });
    await launch();
    await post(jobId, 4, succeeded);
    expect((await readVideo(database, videoId)).status).toBe("ready");
  });

  test("two people's retries at once make one attempt", async () => {
    const { context, launch, launched, queued, post, exit } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    await post(jobId, 1, failed("output_full", true));
    await exit(jobId, 1, 73);
    context.maxAttempts = 1;
    await launch();
    await post(jobId, 2, failed("output_full", true));
    await exit(jobId, 2, 73);
    const retries = await Promise.allSettled([
      retryVideo(database, videoId),
      retryVideo(database, videoId),
    ]);
    expect(retries.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await launch();
    expect(launched.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  test("no more run at once than there are places, counting what outlived a consumer", async () => {
    const { launch, launched, queued, exit } = setUp(2);
    const ids = [await queued(), await queued(), await queued()];
    await launch();
    expect(launched).toHaveLength(2);
    const restarted = setUp(2);
    await restarted.launch();
    expect(restarted.launched).toHaveLength(0);
    await exit(ids[0]?.jobId ?? "", 1, 0);
    await restarted.launch();
    expect(restarted.launched.map(({ jobId }) => jobId)).toHaveLength(1);
  });

  test("a crash is settled by the exit alone: next attempt after a short wait", async () => {
    const { queued, launch, launched, exit } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    await exit(jobId, 1, 139);
    const job = await readJob(database, videoId);
    const waitMs = job.notBefore.getTime() - Date.now();
    expect(job.status).toBe("pending");
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThan(2_500);
    await launch();
    expect(launched.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  test("a lost success is rebuilt from the result in storage", async () => {
    const { launch, queued, exit } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    const [attempt] = await readAttempts(database, jobId);
    const path = diskPathOf(
      folder.storage.locate("media", presentationPrefix(videoId, attempt?.presentationId ?? "")),
    );
    await Bun.write(`${path}/result.json`, JSON.stringify(fakeResult));
    await exit(jobId, 1, 0);
    expect(await readVideo(database, videoId)).toMatchObject({ status: "ready", width: 640 });
  });

  test("a broken result file is no success", async () => {
    const { launch, queued, exit } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    const [attempt] = await readAttempts(database, jobId);
    const path = diskPathOf(
      folder.storage.locate("media", presentationPrefix(videoId, attempt?.presentationId ?? "")),
    );
    await Bun.write(`${path}/result.json`, `{"durationSeconds": 2`);
    await exit(jobId, 1, 0);
    expect((await readJob(database, videoId)).status).toBe("pending");
  });

  test("a silent transcoder is given up when its lease lapses, stopped, and tried again", async () => {
    const { launch, launched, stopped, queued, post, recover } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    await post(jobId, 1, progress(10));
    await recover();
    expect(stopped).toEqual([]);
    await lapseLease(database, jobId, 1);
    await recover();
    const [attempt] = await readAttempts(database, jobId);
    expect(attempt).toMatchObject({ status: "failed", failureCode: "transcoder_lost" });
    await recover();
    expect(stopped).toEqual(["ref-1"]);
    await launch();
    expect(launched.map((request) => request.attempt)).toEqual([1, 2]);
    expect((await readVideo(database, videoId)).status).toBe("processing");
  });

  test("an attempt that cannot be looked after holds up no other", async () => {
    const { launch, launched, queued, recover, state } = setUp(2);
    const both = [await queued(), await queued()];
    await launch();
    expect(launched.length).toBe(2);
    for (const { jobId } of both) {
      await lapseLease(database, jobId, 1);
    }
    const [bad, good] = both.map(({ jobId }) => jobId);
    await database.queries
      .update(attempts)
      .set({ launcherRef: null })
      .where(eq(attempts.jobId, bad ?? ""));
    state.findFails = true;
    await recover();
    expect((await readAttempts(database, good ?? "")).map(({ status }) => status)).toEqual([
      "failed",
    ]);
    const statuses = await Promise.all(
      both.map(async ({ videoId }) => (await readJob(database, videoId)).status),
    );
    expect(statuses.sort()).toEqual(["launched", "pending"]);
  });

  test("no room is no failure: the job waits and nothing counts, however often", async () => {
    const { launch, launched, queued, state, context } = setUp(2);
    const { videoId } = await queued();
    const { videoId: other } = await queued();
    for (let times = 1; times <= 2 * MAX_ATTEMPTS; times += 1) {
      state.launchErrors = [new SluiceError("launch_deferred"), new SluiceError("launch_deferred")];
      await passBackoff(database);
      expect(await launchPending(context, signal)).toBe("deferred");
    }
    const first = await readJob(database, videoId);
    expect(first).toMatchObject({ status: "pending", failedAttempts: 0 });
    expect((await readVideo(database, videoId)).status).toBe("queued");
    expect(first.notBefore.getTime()).toBeGreaterThan(Date.now());
    state.launchErrors = [];
    await launch();
    expect((await readJob(database, videoId)).status).toBe("launched");
    expect((await readJob(database, other)).status).toBe("launched");
    expect(launched.at(-1)?.failedAttempts).toBe(0);
  });

  test("a launch that no try can mend fails at once, and a person may retry it", async () => {
    const { launch, launched, queued, state } = setUp();
    const { videoId } = await queued();
    state.launchErrors = [new SluiceError("launch_misconfigured")];
    await launch();
    expect((await readJob(database, videoId)).status).toBe("failed");
    expect(await readVideo(database, videoId)).toMatchObject({
      status: "failed",
      failureCode: "launch_misconfigured",
      failureRetryable: true,
    });
    await retryVideo(database, videoId);
    await launch();
    expect(launched).toHaveLength(2);
    expect((await readJob(database, videoId)).status).toBe("launched");
  });

  test("a launch without an answer is looked for, found, and not made twice", async () => {
    const { launch, launched, queued, recover, post, state } = setUp();
    const { videoId, jobId } = await queued();
    state.launchErrors = [new SluiceError("launch_uncertain")];
    await launch();
    await recover();
    expect(await readAttempts(database, jobId)).toMatchObject([
      { status: "launched", launcherRef: null, releasedAt: null },
    ]);
    state.found.set(1, "task-1");
    await lapseLease(database, jobId, 1);
    await recover();
    const [attempt] = await readAttempts(database, jobId);
    expect(attempt).toMatchObject({ status: "launched", launcherRef: "task-1" });
    expect(secondsLeft(attempt?.leaseExpiresAt)).toBeGreaterThan(START_SECONDS);
    await launch();
    await post(jobId, 1, succeeded);
    expect(launched).toHaveLength(1);
    expect((await readVideo(database, videoId)).status).toBe("ready");
  });

  test("one that was never found is given up when its lease lapses, and stopped if it shows up after all", async () => {
    const { launch, launched, stopped, queued, recover, state } = setUp();
    const { jobId } = await queued();
    state.launchErrors = [new SluiceError("launch_uncertain")];
    await launch();
    await lapseLease(database, jobId, 1);
    await recover();
    const [attempt] = await readAttempts(database, jobId);
    expect(attempt).toMatchObject({ failureCode: "transcoder_lost", releasedAt: expect.any(Date) });
    if (attempt) {
      await recordLaunch(database.queries, attempt, { ref: "late", leaseSeconds: 30 });
    }
    state.stop = "stopping";
    await recover();
    expect(stopped).toEqual(["late"]);
    expect((await readAttempts(database, jobId))[0]?.releasedAt).toBeNull();
    // Its place is free only when it is gone.
    await launch();
    expect(launched).toHaveLength(1);
    state.inspect = { kind: "exited", end: null };
    await recover();
    await launch();
    expect(launched).toHaveLength(2);
  });

  test("a transcoder that is still being started has time, but not for ever", async () => {
    const { launch, queued, recover, state } = setUp();
    const { jobId } = await queued();
    await launch();
    const [launchedAttempt] = await readAttempts(database, jobId);
    expect(secondsLeft(launchedAttempt?.leaseExpiresAt)).toBeGreaterThan(START_SECONDS);
    state.inspect = { kind: "starting" };
    for (let looks = 0; looks < 3; looks += 1) {
      await lapseLease(database, jobId, 1);
      await recover();
      const [attempt] = await readAttempts(database, jobId);
      expect(attempt?.status).toBe("launched");
      expect(secondsLeft(attempt?.leaseExpiresAt)).toBeGreaterThan(20);
    }
    await database.queries
      .update(attempts)
      .set({ createdAt: sql`now() - interval '2 hours'` })
      .where(eq(attempts.jobId, jobId));
    await lapseLease(database, jobId, 1);
    await recover();
    expect((await readAttempts(database, jobId))[0]?.failureCode).toBe("transcoder_lost");
  });

  test("what the platform ended does not count, and what cannot get better is not tried again", async () => {
    const { launch, queued, exit } = setUp();
    const { videoId, jobId } = await queued();
    for (let number = 1; number <= 2 * MAX_ATTEMPTS; number += 1) {
      await launch();
      await exit(jobId, number, 143, "spare");
    }
    expect(await readJob(database, videoId)).toMatchObject({
      status: "pending",
      failedAttempts: 0,
    });
    await launch();
    await exit(jobId, 2 * MAX_ATTEMPTS + 1, 78, "give-up");
    expect(await readVideo(database, videoId)).toMatchObject({
      status: "failed",
      failureCode: "launch_misconfigured",
      failureRetryable: true,
    });
  });

  test("a transcoder that was asked to stop says so, and its attempt does not count", async () => {
    const { launch, queued, post, exit } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    await post(jobId, 1, failed("interrupted", true));
    await exit(jobId, 1, 143, "spare");
    expect(await readJob(database, videoId)).toMatchObject({
      status: "pending",
      failedAttempts: 0,
    });
  });

  test("while the launcher cannot say what became of them, leases alone decide", async () => {
    const { launch, queued, recover, state } = setUp();
    const { jobId } = await queued();
    await launch();
    state.inspectFails = true;
    await recover();
    expect((await readAttempts(database, jobId))[0]?.status).toBe("launched");
    await lapseLease(database, jobId, 1);
    await recover();
    expect((await readAttempts(database, jobId))[0]?.failureCode).toBe("transcoder_lost");
  });

  test("what a look tells of an end is settled with its reason", async () => {
    const { launch, queued, recover, state } = setUp();
    const { jobId } = await queued();
    await launch();
    state.inspect = {
      kind: "exited",
      end: {
        exitCode: 137,
        signal: null,
        code: "transcoder_out_of_memory",
        reason: "The task ran out of memory.",
        after: "count",
      },
    };
    await recover();
    expect(await readAttempts(database, jobId)).toMatchObject([
      { failureCode: "transcoder_out_of_memory", releasedAt: expect.any(Date) },
    ]);
  });

  test("silence is forgiven while nobody could report, but not the end of the process", async () => {
    const { launch, stopped, queued, post, recover, state } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    await lapseLease(database, jobId, 1);
    await recover({ forgiveSilence: true });
    expect(stopped).toEqual([]);
    await post(jobId, 1, progress(10));
    expect((await readVideo(database, videoId)).status).toBe("processing");
    await lapseLease(database, jobId, 1);
    state.inspect = { kind: "exited", end: null };
    await recover({ forgiveSilence: true });
    expect((await readJob(database, videoId)).status).toBe("pending");
  });

  test("a success that comes after we gave up counts, as long as nobody else was begun", async () => {
    const { launch, queued, post, recover } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    await lapseLease(database, jobId, 1);
    await recover();
    await post(jobId, 1, succeeded);
    expect((await readVideo(database, videoId)).status).toBe("ready");
    await passBackoff(database);
    expect((await readJob(database, videoId)).status).toBe("succeeded");
  });

  test("a process that ended while no consumer watched is noticed without its lease", async () => {
    const { launch, queued, recover, state } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    state.inspect = { kind: "exited", end: null };
    await recover();
    expect((await readJob(database, videoId)).status).toBe("pending");
    const [attempt] = await readAttempts(database, jobId);
    expect(attempt?.releasedAt).toBeInstanceOf(Date);
  });

  test("deleting stops the transcoder and nothing brings the video back", async () => {
    const { launch, launched, stopped, queued, post, recover, exit } = setUp();
    const { videoId, jobId, message } = await queued();
    await launch();
    await post(jobId, 1, progress(10));
    await database.queries.transaction(async (tx) => {
      await cancelJobs(tx, videoId);
      await transitionVideo(tx, { videoId, transition: "deleted", set: { deletedAt: new Date() } });
    });
    await recover();
    expect(stopped).toEqual(["ref-1"]);
    await expect(post(jobId, 1, succeeded)).rejects.toMatchObject(superseded);
    await exit(jobId, 1, 143);
    expect((await dispatch(database, message)).kind).toBe("ignored");
    await launch();
    expect(launched).toHaveLength(1);
    expect(await readJob(database, videoId)).toMatchObject({ status: "cancelled" });
    expect((await readVideo(database, videoId)).status).toBe("deleted");
  });

  test("a job that appeared while its video was deleted is never launched", async () => {
    const { launch, launched, queued } = setUp();
    const { videoId } = await queued();
    await transitionVideo(database.queries, { videoId, transition: "deleted" });
    await launch();
    expect(launched).toEqual([]);
    expect((await readJob(database, videoId)).status).toBe("cancelled");
  });

  test("a missing transcoder fails the video with that reason in the end", async () => {
    const { launch, queued, state } = setUp();
    const { videoId } = await queued();
    state.broken = true;
    for (let times = 0; times < MAX_ATTEMPTS; times += 1) {
      await launch();
    }
    expect(await readVideo(database, videoId)).toMatchObject({
      status: "failed",
      failureCode: "transcoder_missing",
      failureRetryable: true,
    });
  });

  test("what was playable of a failed attempt is withdrawn", async () => {
    const { launch, queued, post } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    await post(jobId, 1, { type: "playable" });
    expect((await readVideo(database, videoId)).playableAt).toBeInstanceOf(Date);
    await post(jobId, 1, failed("transcode_failed", true));
    expect(await readVideo(database, videoId)).toMatchObject({
      presentationId: null,
      playableAt: null,
    });
  });

  test("an unknown failure code of a newer transcoder counts as ours", async () => {
    const { launch, queued, post } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    await post(jobId, 1, failed("code_of_the_future", false));
    expect((await readJob(database, videoId)).status).toBe("pending");
  });

  test("an upload whose message was lost gets its job", async () => {
    const { context } = setUp();
    const { videoId, message } = await addUploadedVideo(database, folder.storage, "x");
    await resendLostUploads(context);
    expect(await database.queries.$count(queueMessages)).toBe(0);
    await database.queries.execute(
      "update uploads set completed_at = now() - interval '2 minutes'",
    );
    await resendLostUploads(context);
    const [sent] = await database.queries.select().from(queueMessages);
    expect(sent?.body).toEqual(message);
    await dispatch(database, message);
    await resendLostUploads(context);
    expect((await readJob(database, videoId)).status).toBe("pending");
    expect(await database.queries.$count(queueMessages)).toBe(1);
  });

  test("only the presentation that won stays, and only once nobody writes to the others", async () => {
    const { context, launch, queued, post, exit } = setUp();
    const { videoId, jobId } = await queued();
    await launch();
    await exit(jobId, 1, 1);
    await launch();
    await post(jobId, 2, succeeded);
    await exit(jobId, 2, 0);
    const [lost = "", won = ""] = (await readAttempts(database, jobId)).map(({ presentationId }) =>
      diskPathOf(folder.storage.locate("media", `${presentationPrefix(videoId, presentationId)}x`)),
    );
    await Bun.write(lost, "lost");
    await Bun.write(won, "won");
    await removeStalePresentations(context);
    expect([existsSync(lost), existsSync(won)]).toEqual([true, true]);
    await database.queries.execute("update attempts set released_at = now() - interval '1 hour'");
    await removeStalePresentations(context);
    expect([existsSync(lost), existsSync(won)]).toEqual([false, true]);
  });

  test("the next attempt is told where the newest earlier one with a checkpoint left its work", async () => {
    const { context, launch, queued, post } = setUp();
    const { videoId, jobId } = await queued();
    const prefixOf = async (number: number) => {
      const attempt = (await readAttempts(database, jobId)).find((each) => each.number === number);
      return presentationPrefix(videoId, attempt?.presentationId ?? "");
    };
    const leave = async (number: number, name: string) =>
      folder.storage.put("media", (await prefixOf(number)) + name, Buffer.from("{}"));
    const told = async (attempt: number) =>
      (await readJobDocument(context, { jobId, attempt })).resumeFrom;
    const next = async (number: number) => {
      await post(jobId, number, failed("transcode_failed", true), 10 * number);
      await database.queries.update(attempts).set({ releasedAt: new Date(0) });
      await passBackoff(database);
      await launch();
    };

    await launch();
    expect(await told(1)).toBeUndefined();
    await leave(1, "checkpoint.json");
    await next(1);
    const first = folder.storage.locate("media", await prefixOf(1));
    expect(await told(2)).toEqual(first);
    // Killed before it had a checkpoint of its own: what it would have gone on with is still there.
    await leave(2, "v/360/1.m4s");
    await next(2);
    await removeStalePresentations(context);
    expect(await told(3)).toEqual(first);

    // Nothing is taken from a job that is retried while its presentations are being removed.
    await post(jobId, 3, failed("transcode_failed", true), 30);
    await database.queries.update(attempts).set({ releasedAt: new Date(0) });
    expect((await readJob(database, videoId)).status).toBe("failed");
    await retryVideo(database, videoId);
    await removeStalePresentations(context);
    await launch();
    expect(await told(4)).toEqual(first);
    expect(
      await folder.storage.head("media", `${await prefixOf(1)}checkpoint.json`),
    ).not.toBeNull();
  });

  test("a tombstone is kept for 14 days, then goes with all that was left in storage", async () => {
    const { context, queued } = setUp();
    const { videoId, message } = await queued();
    const left = diskPathOf(folder.storage.locate("media", `media/${videoId}/late/x`));
    await Bun.write(left, "late");
    const day = 24 * 3600 * 1000;
    const deletedAgo = (days: number) =>
      database.queries
        .update(videos)
        .set({ status: "deleted", deletedAt: new Date(Date.now() - days * day) });
    await deletedAgo(13);
    await removeTombstones(context);
    expect(await database.queries.$count(videos)).toBe(1);
    await deletedAgo(15);
    await removeTombstones(context);
    expect(await database.queries.$count(videos)).toBe(0);
    expect(await database.queries.$count(users)).toBe(1);
    expect(existsSync(left)).toBe(false);
    expect(await folder.storage.head("uploads", message.key)).toBeNull();
  });
});
