/** The consumer with real child processes and a real internal server; the fake transcoder speaks the job contract. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import type { Database } from "../../src/db/index.ts";
import { createApp } from "../../src/http/app.ts";
import { jobRoutes } from "../../src/http/internal.ts";
import { createMetrics } from "../../src/http/metrics.ts";
import { openProcessLauncher } from "../../src/launcher/process.ts";
import { refOf } from "../../src/launcher/process-ref.ts";
import { mpdName } from "../../src/presentation/names.ts";
import type { Queue } from "../../src/queue/index.ts";
import { openPostgresQueue } from "../../src/queue/postgres.ts";
import { presentationPrefix } from "../../src/storage/keys.ts";
import { cancelJobs } from "../../src/videos/job.ts";
import { readProgress } from "../../src/videos/progress.ts";
import { transitionVideo } from "../../src/videos/video.ts";
import { runConsumer } from "../../src/videos/work.ts";
import { describeOnDatabases } from "../fixtures/databases.ts";
import { diskPathOf } from "../fixtures/disk-path.ts";
import {
  addUploadedVideo,
  openTestStorage,
  readAttempts,
  readJob,
  readVideo,
  type StorageFolder,
  silentLog,
  testKeys,
} from "../fixtures/jobs.ts";

const config = { MAX_ATTEMPTS: 3, LEASE_SECONDS: 3, MAX_DURATION_SECONDS: 3600, LOUDNESS: "-16" };
/** Generous: what is waited for takes a second or two on a quiet machine. */
const TIME_LIMIT_MS = 60_000;

describeOnDatabases("the consumer with real processes", (open) => {
  let database: Database;
  let folder: StorageFolder;
  let internalUrl: string;
  let stopServer: () => Promise<unknown>;
  let stopConsumers: (() => Promise<void>)[];
  beforeEach(async () => {
    database = await open();
    folder = await openTestStorage();
    const metrics = createMetrics(async () => ({ pending: 0, running: 0 }));
    const frame = { log: silentLog, metrics, publicUrl: "http://127.0.0.1" };
    const routes = jobRoutes({
      database,
      storage: folder.storage,
      keys: testKeys,
      config,
      log: silentLog,
    });
    const app = createApp(frame, [routes]).listen({ port: 0, hostname: "127.0.0.1" });
    internalUrl = `http://127.0.0.1:${app.server?.port}`;
    stopServer = () => app.stop(true);
    stopConsumers = [];
  }, TIME_LIMIT_MS);
  afterEach(async () => {
    await Promise.all(stopConsumers.map((stop) => stop()));
    await stopServer();
    await folder.remove();
    await database.close();
  }, TIME_LIMIT_MS);

  const start = (atEnd: "leave" | "stop" = "stop") => {
    const abort = new AbortController();
    const queue = openPostgresQueue(database, silentLog);
    const launcher = openProcessLauncher({
      command: [process.execPath, join(import.meta.dir, "../fixtures/fake-transcoder.ts")],
      confinement: "off",
      capacity: 2,
      internalUrl,
      heartbeatSeconds: 1,
      environment: process.env,
      log: silentLog,
      stopSeconds: 0.5,
    });
    const running = runConsumer({
      database,
      queue,
      taskEventQueue: null,
      launcher,
      storage: folder.storage,
      keys: testKeys,
      log: silentLog,
      config,
      atEnd,
      signal: abort.signal,
    });
    const stop = async () => {
      abort.abort();
      await running;
      await launcher.close();
      await queue.close();
    };
    stopConsumers.push(stop);
    return { queue, stop };
  };
  const upload = async (queue: Queue, source: string) => {
    const { videoId, message } = await addUploadedVideo(database, folder.storage, source);
    await queue.send(message);
    return videoId;
  };
  /** Waits for something that happens on its own; the test's own time limit ends it. */
  const until = async <T>(look: () => Promise<T | false>): Promise<T> => {
    for (;;) {
      const seen = await look();
      if (seen !== false) {
        return seen;
      }
      await Bun.sleep(20);
    }
  };
  const untilStatus = (videoId: string, status: string) =>
    until(async () => {
      const video = await readVideo(database, videoId);
      return video.status === status && video;
    });
  const untilPercent = (videoId: string, percent: number) =>
    until(async () => {
      const progress = (await readProgress(database.queries, [videoId])).get(videoId);
      return progress !== undefined && progress.percent >= percent && progress;
    });
  const attemptsOf = async (videoId: string) =>
    await readAttempts(database, (await readJob(database, videoId)).id);
  const outcomesOf = async (videoId: string) =>
    (await attemptsOf(videoId)).map(({ status, failureCode }) => failureCode ?? status);
  const pidOf = async (videoId: string) =>
    Number((await attemptsOf(videoId)).at(-1)?.launcherRef?.split("/")[0]);
  /** Without its remains: a process that has ended stays in /proc until its parent reaps it. */
  const isAlive = async (pid: number) => (await refOf(pid)) !== null;
  const untilGone = (pid: number) => until(async () => !(await isAlive(pid)));
  const manifestOf = async (videoId: string): Promise<string> => {
    const { presentationId } = await readVideo(database, videoId);
    const prefix = presentationPrefix(videoId, presentationId ?? "");
    return await Bun.file(diskPathOf(folder.storage.locate("media", prefix + mpdName))).text();
  };
  const testProcesses = (name: string, run: () => Promise<void>) => test(name, run, TIME_LIMIT_MS);

  testProcesses("several uploads become ready, each by one attempt", async () => {
    const { queue } = start();
    const ids = await Promise.all([1, 2, 3].map(() => upload(queue, "succeed")));
    for (const videoId of ids) {
      const video = await untilStatus(videoId, "ready");
      expect(video).toMatchObject({ width: 640, mediaBytes: 100_000 });
      expect(await outcomesOf(videoId)).toEqual(["succeeded"]);
    }
  });

  testProcesses("a transcoder killed in mid-job is noticed, and the job finishes", async () => {
    const { queue } = start();
    const videoId = await upload(queue, "slow succeed");
    await untilPercent(videoId, 45);
    process.kill(await pidOf(videoId), "SIGKILL");
    await untilStatus(videoId, "ready");
    expect(await outcomesOf(videoId)).toEqual(["transcoder_crashed", "succeeded"]);
    expect(await manifestOf(videoId)).toBe("made by attempt 2");
  });

  testProcesses("one that hangs and ignores SIGTERM is replaced after its lease", async () => {
    const { queue } = start();
    const videoId = await upload(queue, "hang succeed");
    await untilPercent(videoId, 40);
    const pid = await pidOf(videoId);
    await untilStatus(videoId, "ready");
    expect(await outcomesOf(videoId)).toEqual(["transcoder_lost", "succeeded"]);
    await untilGone(pid);
  });

  testProcesses("a success whose report was lost is found in storage", async () => {
    const { queue } = start();
    const videoId = await upload(queue, "silent-success");
    await untilStatus(videoId, "ready");
    expect(await outcomesOf(videoId)).toEqual(["succeeded"]);
  });

  testProcesses("a crash every time ends as failed, with the reason", async () => {
    const { queue } = start();
    const videoId = await upload(queue, "crash");
    expect(await untilStatus(videoId, "failed")).toMatchObject({
      failureCode: "transcoder_crashed",
      failureRetryable: true,
    });
    expect(await outcomesOf(videoId)).toHaveLength(config.MAX_ATTEMPTS);
  });

  testProcesses("a file that cannot be used fails at once", async () => {
    const { queue } = start();
    const videoId = await upload(queue, "fail-source");
    expect(await untilStatus(videoId, "failed")).toMatchObject({
      failureCode: "source_truncated",
      failureRetryable: false,
    });
    expect(await outcomesOf(videoId)).toEqual(["source_truncated"]);
  });

  testProcesses("deleting a video ends its transcoder", async () => {
    const { queue } = start();
    const videoId = await upload(queue, "slow");
    await untilPercent(videoId, 42);
    const pid = await pidOf(videoId);
    await database.queries.transaction(async (tx) => {
      await cancelJobs(tx, videoId);
      await transitionVideo(tx, { videoId, transition: "deleted", set: { deletedAt: new Date() } });
    });
    await untilGone(pid);
    expect((await readJob(database, videoId)).status).toBe("cancelled");
  });

  testProcesses("an orderly end stops transcoders where nobody hears them; jobs wait", async () => {
    const { queue, stop } = start("stop");
    const videoId = await upload(queue, "slow succeed");
    await untilPercent(videoId, 42);
    const pid = await pidOf(videoId);
    await stop();
    expect(await isAlive(pid)).toBe(false);
    expect(await readJob(database, videoId)).toMatchObject({
      status: "pending",
      failedAttempts: 0,
    });
    start();
    await untilStatus(videoId, "ready");
    expect(await manifestOf(videoId)).toBe("made by attempt 2");
  });

  testProcesses(
    "one that outlives its consumer finishes, watched by the next consumer",
    async () => {
      const { queue, stop } = start("leave");
      const videoId = await upload(queue, "slow");
      await untilPercent(videoId, 42);
      await stop();
      start();
      await untilStatus(videoId, "ready");
      expect(await outcomesOf(videoId)).toEqual(["succeeded"]);
    },
  );

  testProcesses("nobody reads a job without its token", async () => {
    const { queue } = start();
    const videoId = await upload(queue, "slow");
    await untilPercent(videoId, 41);
    const { id } = await readJob(database, videoId);
    for (const authorization of ["", "Bearer nonsense", "Basic dTpw"]) {
      const address = `${internalUrl}/internal/jobs/${id}`;
      const answer = await fetch(address, { headers: { authorization } });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ code: "job_token_invalid" });
    }
  });
});
