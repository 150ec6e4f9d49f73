/** One machine in containers: PostgreSQL, the api and the local consumer on a shared volume. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Client, signedInClient, upload } from "../e2e/support/client.ts";
import { bytesOf, testClip } from "../e2e/support/clips.ts";
import { eventually, freePort } from "../e2e/support/platform.ts";
import { type PostgresServer, startPostgresServer } from "../fixtures/postgres-server.ts";
import { buildImage, removeImages } from "./support/build.ts";
import { type Container, runToEnd, start } from "./support/containers.ts";
import { tryEngine } from "./support/engine.ts";

const VOLUME = `sluice-test-${process.pid}`;
const volumes = [`${VOLUME}:/data`];

let server: PostgresServer;
let env: Record<string, string>;
let url: string;
let api: Container;
let consumer: Container;
let ada: Client;

beforeAll(async () => {
  await buildImage("api");
  await buildImage("local");
  server = await startPostgresServer();
  await server.createDatabase("sluice");
  const PORT = String(await freePort());
  url = `http://127.0.0.1:${PORT}`;
  env = {
    DATABASE_URL: server.url("sluice"),
    SLUICE_SECRET: "a secret of at least thirty-two characters",
    PORT,
    INTERNAL_PORT: String(await freePort()),
    HEALTH_PORT: String(await freePort()),
    // The machine's network is the container's here.
    HOST: "127.0.0.1",
    INTERNAL_HOST: "127.0.0.1",
    TRANSCODE_CONCURRENCY: "1",
  };
}, 600_000);
afterAll(async () => {
  await consumer?.dispose();
  await api?.dispose();
  await server?.stop();
  await tryEngine("podman", ["volume", "rm", "--force", VOLUME]);
  await removeImages();
});

const POLL_MS = 5;

/** Waits for the health check over HTTP, and reports how long after its start the container was ready. */
const untilReady = async (name: string, address: string, container: Container): Promise<void> => {
  const deadlineMs = Date.now() + 30_000;
  while (!(await fetch(`${address}/health/ready`).catch(() => null))?.ok) {
    if (Date.now() > deadlineMs) {
      throw new Error(`${name} did not become ready:\n${container.output()}`);
    }
    await Bun.sleep(POLL_MS);
  }
  const readyAtMs = Date.now();
  console.log(`${name}: ready ${readyAtMs - (await container.startedAtMs())} ms after its start`);
};
const statusOf = async (videoId: string) =>
  String((await ada.request("GET", `/videos/${videoId}`)).body.status);
const code = (email: string) =>
  eventually(
    `a code for ${email}`,
    async () => new RegExp(`To: ${email}[^]*?\\b(\\d{6})\\b`).exec(api.output())?.[1],
    15,
  );

test("migrate brings the database up to date", async () => {
  const { exitCode, output } = await runToEnd({ target: "api", args: ["migrate"], env });
  expect([exitCode, output]).toEqual([0, expect.stringContaining("Applied")]);
});

test("the api becomes ready, and its health check agrees", async () => {
  api = start({ target: "api", env, volumes });
  await untilReady("api", url, api);
  expect(await api.exec("/sluice/api", "--health")).toMatchObject({ exitCode: 0 });
});

test("the consumer becomes ready, and its health check agrees", async () => {
  consumer = start({ target: "local", env, volumes });
  await untilReady("consumer", `http://127.0.0.1:${env.HEALTH_PORT}`, consumer);
  expect(await consumer.exec("/sluice/consumer", "--health")).toMatchObject({ exitCode: 0 });
});

test("a video is uploaded, converted and fetched", async () => {
  ada = await signedInClient({ url, code }, "ada@example.org");
  const clip = await testClip({ seconds: 2, height: 360 });
  const { videoId } = await upload(ada, { name: "clip.mp4", bytes: await bytesOf(clip) });
  await eventually("the video to be ready", async () => (await statusOf(videoId)) === "ready", 120);
  const { body } = await ada.request("GET", `/videos/${videoId}/playback`);
  const manifest = await fetch(new URL(String(body.hlsUrl), url));
  expect([manifest.status, await manifest.text()]).toEqual([
    200,
    expect.stringContaining("#EXT-X-STREAM-INF"),
  ]);
}, 180_000);

test("a consumer that is stopped takes its transcoder with it, and the next one does the work", async () => {
  const clip = await testClip({ seconds: 20, height: 720 });
  const { videoId } = await upload(ada, { name: "longer.mp4", bytes: await bytesOf(clip) });
  await eventually(
    "the conversion to be under way",
    async () => (await statusOf(videoId)) === "processing",
    60,
  );
  expect(await consumer.stop()).toBe(0);
  await consumer.dispose();
  consumer = start({ target: "local", env, volumes });
  await eventually("the video to be ready", async () => (await statusOf(videoId)) === "ready", 180);
}, 300_000);

test("SIGTERM ends both cleanly, although each is its container's process 1", async () => {
  expect(await consumer.stop()).toBe(0);
  expect(await api.stop()).toBe(0);
}, 30_000);
