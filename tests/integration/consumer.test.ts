/** The consumer as a process of its own against PostgreSQL, with the fake transcoder as its executable. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../src/db/index.ts";
import { openPostgres } from "../../src/db/postgres.ts";
import { createApp } from "../../src/http/app.ts";
import { jobRoutes } from "../../src/http/internal.ts";
import { createMetrics } from "../../src/http/metrics.ts";
import { openPostgresQueue } from "../../src/queue/postgres.ts";
import { openStorage, type Storage } from "../../src/storage/index.ts";
import { readProgress } from "../../src/videos/progress.ts";
import { startPostgres } from "../fixtures/databases.ts";
import {
  addUploadedVideo,
  readAttempts,
  readJob,
  readVideo,
  silentLog,
  TEST_SECRET,
  testKeys,
} from "../fixtures/jobs.ts";

const CONSUMER = join(import.meta.dir, "../../src/consumer.ts");
const FAKE_TRANSCODER = join(import.meta.dir, "../fixtures/fake-transcoder.ts");
const config = { MAX_ATTEMPTS: 3, LEASE_SECONDS: 10, MAX_DURATION_SECONDS: 3600, LOUDNESS: "-16" };
const TIME_LIMIT_MS = 60_000;

describe("the consumer executable", () => {
  let folder: string;
  let database: Database;
  let storage: Storage;
  let environment: Record<string, string>;
  let stopServer: () => Promise<unknown>;
  let consumers: Bun.Subprocess[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-consumer-"));
    const server = await startPostgres();
    const name = `consumer_${Date.now()}`;
    await server.createDatabase(name);
    database = openPostgres(server.url(name), { maxConnections: 3 });
    await database.migrate();
    ({ storage } = await openStorage({ STORAGE: "disk", dataDir: folder }, testKeys));
    const metrics = createMetrics(async () => ({ pending: 0, running: 0 }));
    const frame = { log: silentLog, metrics, publicUrl: "http://127.0.0.1" };
    const routes = jobRoutes({ database, storage, keys: testKeys, config, log: silentLog });
    const app = createApp(frame, [routes]).listen({ port: 0, hostname: "127.0.0.1" });
    stopServer = () => app.stop(true);
    const transcoder = join(folder, "transcoder");
    await writeFile(
      transcoder,
      `#!/bin/sh\nexec '${process.execPath}' '${FAKE_TRANSCODER}' "$@"\n`,
    );
    await chmod(transcoder, 0o755);
    environment = {
      PATH: process.env.PATH ?? "",
      DATABASE_URL: server.url(name),
      SLUICE_SECRET: TEST_SECRET,
      DATA_DIR: folder,
      TRANSCODER_PATH: transcoder,
      TRANSCODE_CONCURRENCY: "1",
      INTERNAL_URL: `http://127.0.0.1:${app.server?.port}`,
    };
    consumers = [];
  }, TIME_LIMIT_MS);
  afterEach(async () => {
    for (const consumer of consumers) {
      consumer.kill("SIGKILL");
      await consumer.exited;
    }
    await stopServer();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }, TIME_LIMIT_MS);

  const start = (args: string[] = [], changed: Record<string, string> = {}) => {
    const consumer = Bun.spawn([process.execPath, CONSUMER, ...args], {
      env: { ...environment, ...changed },
      stdout: "pipe",
      stderr: "pipe",
    });
    consumers.push(consumer);
    return consumer;
  };
  const upload = async (source: string) => {
    const { videoId, message } = await addUploadedVideo(database, storage, source);
    const queue = openPostgresQueue(database, silentLog);
    await queue.send(message);
    await queue.close();
    return videoId;
  };
  const untilStatus = async (videoId: string, status: string) => {
    while ((await readVideo(database, videoId)).status !== status) {
      await Bun.sleep(20);
    }
  };
  const untilPercent = async (videoId: string, percent: number) => {
    for (;;) {
      const progress = (await readProgress(database.queries, [videoId])).get(videoId);
      if ((progress?.percent ?? 0) >= percent) {
        return;
      }
      await Bun.sleep(20);
    }
  };
  const attemptsOf = async (videoId: string) =>
    await readAttempts(database, (await readJob(database, videoId)).id);

  test(
    "killed in mid-job, its transcoder finishes; the next consumer starts no other and frees the place",
    async () => {
      const first = start();
      const videoId = await upload("slow");
      await untilPercent(videoId, 45);
      first.kill("SIGKILL");
      await first.exited;
      start();
      const next = await upload("succeed");
      await untilStatus(videoId, "ready");
      await untilStatus(next, "ready");
      const [attempt, ...others] = await attemptsOf(videoId);
      const [after] = await attemptsOf(next);
      expect(others).toEqual([]);
      expect(attempt).toMatchObject({ status: "succeeded", releasedAt: expect.any(Date) });
      // One place: the second job began only when the first one's process was gone.
      expect(after?.createdAt.getTime() ?? 0).toBeGreaterThan(attempt?.finishedAt?.getTime() ?? 0);
    },
    TIME_LIMIT_MS,
  );

  test(
    "asked to stop, it ends at once and leaves its transcoder at work",
    async () => {
      const consumer = start();
      const videoId = await upload("slow");
      await untilPercent(videoId, 42);
      consumer.kill("SIGTERM");
      expect(await consumer.exited).toBe(0);
      expect((await readVideo(database, videoId)).status).toBe("processing");
      await untilStatus(videoId, "ready");
    },
    TIME_LIMIT_MS,
  );

  test(
    "bad settings and a missing transcoder are told before anything starts",
    async () => {
      const missing = start(["--check"], { TRANSCODER_PATH: join(folder, "absent") });
      expect(await missing.exited).toBe(78);
      expect(await new Response(missing.stderr).text()).toContain(join(folder, "absent"));
      const embedded = start([], { DATABASE_URL: "" });
      expect(await embedded.exited).toBe(78);
      expect(await new Response(embedded.stderr).text()).toContain("DATABASE_URL is required");
      const fine = start(["--check"]);
      expect(await fine.exited).toBe(0);
    },
    TIME_LIMIT_MS,
  );
});
