/** Two services and a PostgreSQL server: what one machine outgrows to. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type PostgresServer, startPostgresServer } from "../fixtures/postgres-server.ts";
import { type Client, signedInClient, upload } from "./support/client.ts";
import { bytesOf, testClip } from "./support/clips.ts";
import {
  emptyFolder,
  eventually,
  freePort,
  type Platform,
  type Running,
  run,
  runToEnd,
  startPlatform,
} from "./support/platform.ts";

const SLUICE_SECRET = "a secret of at least thirty-two characters";

let folder: Awaited<ReturnType<typeof emptyFolder>>;
let server: PostgresServer;
let platform: Platform;
let consumer: Running;
let env: Record<string, string>;
let ada: Client;

const startConsumer = () => run({ name: "consumer", cwd: folder.path, env });

beforeAll(async () => {
  folder = await emptyFolder();
  server = await startPostgresServer();
  await server.createDatabase("sluice");
  const INTERNAL_PORT = String(await freePort());
  env = { DATABASE_URL: server.url("sluice"), SLUICE_SECRET, INTERNAL_PORT };
}, 60_000);
afterAll(async () => {
  consumer?.process.kill("SIGTERM");
  await platform?.stop();
  await server?.stop();
  await folder?.dispose();
});

test("the api refuses a database that was not migrated and says what to run", async () => {
  const { exitCode, output } = await runToEnd({ name: "api", cwd: folder.path, env });
  expect(exitCode).toBe(78);
  expect(output).toContain("api migrate");
}, 60_000);

test("api migrate brings it up to date, also when several start it at once, and again", async () => {
  const migrate = () => runToEnd({ name: "api", args: ["migrate"], cwd: folder.path, env });
  const both = await Promise.all([migrate(), migrate()]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect((await migrate()).output).toContain("up to date");
}, 60_000);

test("a video waits in the queue until a consumer comes, and then is converted", async () => {
  platform = await startPlatform({ cwd: folder.path, env });
  ada = await signedInClient(platform, "ada@example.org");
  const clip = await testClip({ seconds: 2, height: 360 });
  const { videoId } = await upload(ada, { name: "clip.mp4", bytes: await bytesOf(clip) });
  const status = async () => String((await ada.request("GET", `/videos/${videoId}`)).body.status);
  expect(await status()).toBe("queued");
  consumer = startConsumer();
  await eventually("the video to be ready", async () => (await status()) === "ready", 120);
}, 180_000);

test("a consumer that is killed leaves its transcoder to finish, and the next one goes on", async () => {
  const clip = await testClip({ seconds: 20, height: 720 });
  const { videoId } = await upload(ada, { name: "longer.mp4", bytes: await bytesOf(clip) });
  const video = async () => (await ada.request("GET", `/videos/${videoId}`)).body;
  const percent = async () =>
    (await video()) as unknown as { progress: { percent: number } | null; status: string };
  await eventually(
    "the conversion to be under way",
    async () => ((await percent()).progress?.percent ?? 0) > 5,
    120,
  );
  consumer.process.kill("SIGKILL");
  await consumer.process.exited;
  consumer = startConsumer();
  await eventually("the video to be ready", async () => (await percent()).status === "ready", 180);
}, 300_000);

test("SIGTERM ends the consumer cleanly", async () => {
  consumer.process.kill("SIGTERM");
  expect(await consumer.process.exited).toBe(0);
}, 30_000);
