/**
 * The consumer on SQS and ECS. ministack is the queue; tasks are processes that the stand-in for ECS starts
 * with nothing but what the request's overrides give them, and the fake transcoder speaks the job
 * contract. Task state changes come back on a second queue.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { SendMessageBatchCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { eq, isNull } from "drizzle-orm";
import type { Database } from "../../src/db/index.ts";
import { attempts, jobs, videos } from "../../src/db/schema.ts";
import { createApp } from "../../src/http/app.ts";
import { jobRoutes } from "../../src/http/internal.ts";
import { createMetrics } from "../../src/http/metrics.ts";
import { openEcsLauncher } from "../../src/launcher/ecs.ts";
import { cancelJobs } from "../../src/videos/job.ts";
import { transitionVideo } from "../../src/videos/video.ts";
import { runConsumer } from "../../src/videos/work.ts";
import { type EcsProxy, startEcsProxy } from "../fixtures/aws/ecs-proxy.ts";
import {
  type Emulator,
  startMinistack,
  TEST_REGION,
  testCredentials,
} from "../fixtures/aws/emulators.ts";
import {
  s3BridgeEvent,
  s3Event,
  s3Record,
  s3TestEvent,
  snsNotification,
  UPLOADS_BUCKET,
} from "../fixtures/aws/messages.ts";
import { createTestQueue, sqsClient, type TestSqsQueue } from "../fixtures/aws/sqs-queues.ts";
import { openTestDatabase } from "../fixtures/databases.ts";
import {
  addUploadedVideo,
  openTestStorage,
  readAttempts,
  readJob,
  readVideo,
  type StorageFolder,
  silentLog,
  type TestVideo,
  testKeys,
} from "../fixtures/jobs.ts";

const config = {
  MAX_ATTEMPTS: 3,
  LEASE_SECONDS: 10,
  MAX_DURATION_SECONDS: 3600,
  LOUDNESS: "-16",
  UPLOADS_BUCKET,
  ECS_CONTAINER_NAME: "transcoder",
};
const MAX_TASKS = 6;
const UPLOADS = 200;
/** Two hundred processes start one after another on a machine that does other things too. */
const TIME_LIMIT_MS = 240_000;

const readyOnly = eq(videos.status, "ready");
const unreleased = isNull(attempts.releasedAt);

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startMinistack();
}, 300_000);
afterAll(() => emulator.stop());

describe("the consumer on SQS and ECS", () => {
  let database: Database;
  let folder: StorageFolder;
  let uploads: TestSqsQueue;
  let taskEvents: TestSqsQueue;
  let proxy: EcsProxy;
  let internalUrl: string;
  let stopServer: () => Promise<unknown>;
  let stopConsumers: (() => Promise<void>)[];
  beforeEach(async () => {
    database = await openTestDatabase("postgres");
    folder = await openTestStorage();
    uploads = await createTestQueue(emulator, { maxReceives: 2 });
    taskEvents = await createTestQueue(emulator);
    const metrics = createMetrics(async () => ({ pending: 0, running: 0 }));
    const routes = jobRoutes({
      database,
      storage: folder.storage,
      keys: testKeys,
      config,
      log: silentLog,
    });
    const frame = { log: silentLog, metrics, publicUrl: "http://127.0.0.1" };
    const app = createApp(frame, [routes]).listen({ port: 0, hostname: "127.0.0.1" });
    internalUrl = `http://127.0.0.1:${app.server?.port}`;
    stopServer = () => app.stop(true);
    stopConsumers = [];
    const client = sqsClient(emulator);
    proxy = startEcsProxy({
      program: [process.execPath, join(import.meta.dir, "../fixtures/fake-transcoder.ts")],
      containers: [{ name: "transcoder" }],
      stopTimeoutMs: 500,
      onEvent: (event) => {
        client
          .send(
            new SendMessageCommand({
              QueueUrl: taskEvents.queueUrl,
              MessageBody: JSON.stringify(event),
            }),
          )
          .catch(() => {});
      },
    });
  }, 60_000);
  afterEach(async () => {
    await Promise.all(stopConsumers.map((stop) => stop()));
    await proxy.stop();
    await stopServer();
    await folder.remove();
    await database.close();
  }, 60_000);

  const start = () => {
    const abort = new AbortController();
    const queue = uploads.open();
    const taskEventQueue = taskEvents.open();
    const launcher = openEcsLauncher({
      region: TEST_REGION,
      endpoint: proxy.url,
      credentials: testCredentials,
      cluster: "sluice",
      taskDefinition: "transcoder",
      containerName: "transcoder",
      subnets: ["subnet-1"],
      securityGroups: [],
      assignPublicIp: false,
      launchType: null,
      capacityProviders: ["FARGATE_SPOT", "FARGATE"],
      capacity: MAX_TASKS,
      internalUrl,
      heartbeatSeconds: 1,
      confinement: "off",
      log: silentLog,
    });
    const running = runConsumer({
      database,
      queue,
      taskEventQueue,
      launcher,
      storage: folder.storage,
      keys: testKeys,
      log: silentLog,
      config,
      atEnd: "leave",
      signal: abort.signal,
    });
    const stop = async () => {
      abort.abort();
      await running;
      await Promise.all([queue.close(), taskEventQueue.close(), launcher.close()]);
    };
    stopConsumers.push(stop);
    return stop;
  };

  const eventOf = ({ message }: TestVideo) => ({
    key: message.key,
    sizeBytes: message.sizeBytes,
    etag: message.objectVersion ?? "",
  });
  const send = async (bodies: readonly unknown[]) => {
    const client = sqsClient(emulator);
    for (let first = 0; first < bodies.length; first += 10) {
      const Entries = bodies
        .slice(first, first + 10)
        .map((body, index) => ({ Id: String(index), MessageBody: JSON.stringify(body) }));
      await client.send(new SendMessageBatchCommand({ QueueUrl: uploads.queueUrl, Entries }));
    }
  };
  const add = (source: string) => addUploadedVideo(database, folder.storage, source);
  const until = async (met: () => Promise<boolean> | boolean) => {
    while (!(await met())) {
      await Bun.sleep(100);
    }
  };
  const statusOf = async ({ videoId }: TestVideo) => (await readVideo(database, videoId)).status;
  const isReady = (video: TestVideo) => async () => (await statusOf(video)) === "ready";

  test(
    "two hundred uploads at once, announced twice and in every shape: nothing lost, nothing twice, never too many",
    async () => {
      const added: TestVideo[] = [];
      for (let index = 0; index < UPLOADS; index += 1) {
        added.push(await add("succeed"));
      }
      const announced = added.flatMap((video, index) => {
        const object = eventOf(video);
        const first = [s3Event(object), snsNotification(s3Event(object)), s3BridgeEvent(object)];
        return [first[index % 3], video.message];
      });
      const shuffled = announced
        .map((body) => ({ body, at: Math.random() }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ body }) => body);
      start();
      // A second consumer competes for messages and places.
      start();
      await send([s3TestEvent, ...shuffled]);
      await until(async () => (await database.queries.$count(videos, readyOnly)) === UPLOADS);
      await until(async () => {
        const { visible, inFlight } = await uploads.count();
        return visible + inFlight === 0;
      });
      expect(await database.queries.$count(jobs)).toBe(UPLOADS);
      expect(await database.queries.$count(attempts)).toBe(UPLOADS);
      expect(proxy.started()).toBe(UPLOADS);
      expect(proxy.requests).toHaveLength(UPLOADS);
      expect(proxy.mostAtOnce()).toBeLessThanOrEqual(MAX_TASKS);
      expect(proxy.mostAtOnce()).toBeGreaterThan(1);
      expect(await uploads.deadLetters()).toEqual([]);
      // Settled by events or looks, every place is free again.
      await until(async () => (await database.queries.$count(attempts, unreleased)) === 0);
    },
    TIME_LIMIT_MS,
  );

  test(
    "no room twice: the third request starts the task, and nothing counts",
    async () => {
      const video = await add("succeed");
      const noRoom = { failures: [{ reason: "RESOURCE:MEMORY" }] };
      // Both providers are full, twice.
      proxy.refuseNext(noRoom, noRoom, noRoom, noRoom);
      start();
      await send([s3Event(eventOf(video))]);
      await until(isReady(video));
      expect(proxy.started()).toBe(1);
      const job = await readJob(database, video.videoId);
      expect(job).toMatchObject({ status: "succeeded", attempt: 3, failedAttempts: 0 });
      expect((await readAttempts(database, job.id)).map(({ failureCode }) => failureCode)).toEqual([
        "launch_deferred",
        "launch_deferred",
        null,
      ]);
    },
    TIME_LIMIT_MS,
  );

  test(
    "a message with a bad record loses no good one, and ends with the dead letters; redelivery makes no second job",
    async () => {
      const [one, two] = [await add("succeed"), await add("succeed")];
      const mixed = {
        Records: [
          ...s3Event(eventOf(one)).Records,
          s3Record({ key: "uploads/odd" }),
          ...s3Event(eventOf(two)).Records,
        ],
      };
      start();
      await send([mixed, { poison: true }]);
      await until(async () => (await isReady(one)()) && (await isReady(two)()));
      // Received twice, thirty seconds apart, the queue's policy moves both.
      const dead: unknown[] = [];
      await until(async () => {
        dead.push(...(await uploads.deadLetters()));
        return dead.length >= 2;
      });
      expect(dead).toContainEqual(mixed);
      expect(dead).toContainEqual({ poison: true });
      expect(await database.queries.$count(jobs)).toBe(2);
      expect(proxy.started()).toBe(2);
    },
    TIME_LIMIT_MS,
  );

  test(
    "capacity that is taken back costs no attempt, memory does, and the next task is larger",
    async () => {
      const [spot, hungry] = [await add("hang succeed"), await add("hang succeed")];
      start();
      await send([s3Event(eventOf(spot), eventOf(hungry))]);
      const taskOf = async ({ videoId }: TestVideo) => {
        const job = await readJob(database, videoId);
        return (await readAttempts(database, job.id))[0]?.launcherRef ?? "";
      };
      await until(async () => (await statusOf(spot)) === "processing");
      await until(async () => (await statusOf(hungry)) === "processing");
      proxy.interruptSpot(await taskOf(spot));
      proxy.endTask(await taskOf(hungry), {
        stopCode: "EssentialContainerExited",
        stoppedReason: "Essential container in task exited",
        exitCode: 137,
        containerReason: "OutOfMemoryError: Container killed due to memory usage",
      });
      await until(async () => (await isReady(spot)()) && (await isReady(hungry)()));
      expect(await readJob(database, spot.videoId)).toMatchObject({
        attempt: 2,
        failedAttempts: 0,
      });
      const job = await readJob(database, hungry.videoId);
      expect(job).toMatchObject({ attempt: 2, failedAttempts: 1 });
      expect((await readAttempts(database, job.id))[0]?.failureCode).toBe(
        "transcoder_out_of_memory",
      );
      const memory = proxy.requests
        .filter(({ startedBy }) => startedBy === `sluice/${job.id}/2`)
        .map(({ overrides }) => (overrides as { memory?: string }).memory);
      expect(memory).toEqual(["4096"]);
    },
    TIME_LIMIT_MS,
  );

  test(
    "a deleted video's task is stopped, and its place is free when it has stopped",
    async () => {
      const video = await add("hang");
      start();
      await send([s3Event(eventOf(video))]);
      await until(async () => (await statusOf(video)) === "processing");
      const job = await readJob(database, video.videoId);
      await database.queries.transaction(async (tx) => {
        await cancelJobs(tx, video.videoId);
        await transitionVideo(tx, { videoId: video.videoId, transition: "deleted" });
      });
      await until(async () => (await readAttempts(database, job.id))[0]?.releasedAt !== null);
      const [task] = proxy.tasks.values();
      expect(task).toMatchObject({ lastStatus: "STOPPED", stopCode: "UserInitiated" });
      expect(proxy.started()).toBe(1);
    },
    TIME_LIMIT_MS,
  );

  test(
    "a consumer that dies between RunTask and its note leaves a task that the next one finds",
    async () => {
      const video = await add("hang");
      // All tries of the request are answered with an error, though the task runs.
      proxy.refuseNext(...Array.from({ length: 4 }, () => ({ lostAnswer: true }) as const));
      const stop = start();
      await send([s3Event(eventOf(video))]);
      await until(() => proxy.started() === 1);
      await stop();
      start();
      const refOf = async () => {
        const job = await readJob(database, video.videoId);
        return (await readAttempts(database, job.id))[0]?.launcherRef ?? null;
      };
      await until(async () => (await refOf()) !== null);
      expect(await refOf()).toBe([...proxy.tasks.keys()][0] ?? "");
      expect(await readJob(database, video.videoId)).toMatchObject({
        status: "running",
        attempt: 1,
        failedAttempts: 0,
      });
      expect(proxy.started()).toBe(1);
    },
    TIME_LIMIT_MS,
  );
});
