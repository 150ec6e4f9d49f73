/** Hostile files through the whole walk: what is left of the services afterwards is what it was before. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type PostgresServer, startPostgresServer } from "../fixtures/postgres-server.ts";
import { hostileFiles } from "../hostile/all-files.ts";
import { type Canaries, setCanaries } from "../hostile/canaries.ts";
import type { HostileFile } from "../hostile/hostile-file.ts";
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

/** Every so many-th file of a kind: what is alike lies together, so this takes some of everything. */
const STEP = 12;

const chosen: readonly HostileFile[] = Object.values(hostileFiles).flatMap((files) =>
  files.filter((_, index) => index % STEP === 0),
);

/** For the slowest machine that tests run on; nothing is proven by it. */
const WAIT_SECONDS = 600;

let folder: Awaited<ReturnType<typeof emptyFolder>>;
let server: PostgresServer;
let platform: Platform;
let consumer: Running;
let canaries: Canaries;
let ada: Client;

beforeAll(async () => {
  folder = await emptyFolder();
  server = await startPostgresServer();
  await server.createDatabase("sluice");
  canaries = await setCanaries();
  const env = {
    DATABASE_URL: server.url("sluice"),
    SLUICE_SECRET: "a secret of at least thirty-two characters",
    INTERNAL_PORT: String(await freePort()),
    TRANSCODER_CONFINEMENT: "require",
  };
  await runToEnd({ name: "api", args: ["migrate"], cwd: folder.path, env });
  platform = await startPlatform({ cwd: folder.path, env });
  consumer = run({ name: "consumer", cwd: folder.path, env });
  ada = await signedInClient(platform, "ada@example.org");
}, 120_000);

afterAll(async () => {
  consumer?.process.kill("SIGTERM");
  await consumer?.process.exited;
  await platform?.stop();
  await server?.stop();
  await canaries?.[Symbol.asyncDispose]();
  await folder?.dispose();
});

type Video = {
  readonly status: string;
  readonly failure: { readonly code: string; readonly retryable: boolean } | null;
};

const videoOf = async (id: string): Promise<Video> =>
  (await ada.request("GET", `/videos/${id}`)).body as unknown as Video;

const outcome = (id: string): Promise<Video> =>
  eventually(
    `an end of ${id}`,
    async () => {
      const video = await videoOf(id);
      return ["ready", "failed"].includes(video.status) && video;
    },
    WAIT_SECONDS,
  );

test(
  "a few dozen hostile files are converted or refused with a code, and never tried again",
  async () => {
    expect(chosen.length).toBeGreaterThan(24);
    const videos: { name: string; id: string }[] = [];
    for (const [index, file] of chosen.entries()) {
      const bytes = Uint8Array.from(await file.make(canaries.bait));
      const { videoId } = await upload(ada, { name: `hostile ${index} %d | "x" <b>.mp4`, bytes });
      videos.push({ name: file.name, id: videoId });
    }
    for (const { name, id } of videos) {
      const { status, failure } = await outcome(id);
      if (status === "ready") continue;
      expect([name, failure?.retryable]).toEqual([name, false]);
      expect([name, failure?.code]).toEqual([name, expect.stringMatching(/^source_/)]);
    }
    expect(canaries.touched()).toEqual({ opens: 0, connections: 0, datagrams: 0 });
  },
  WAIT_SECONDS * 1000,
);

test(
  "both services live, are ready, and convert the next good video",
  async () => {
    expect([platform.process.exitCode, consumer.process.exitCode]).toEqual([null, null]);
    expect((await fetch(`${platform.url}/health/ready`)).status).toBe(200);
    const clip = await testClip({ seconds: 2, height: 180 });
    const { videoId } = await upload(ada, { name: "good.mp4", bytes: await bytesOf(clip) });
    expect((await outcome(videoId)).status).toBe("ready");
  },
  WAIT_SECONDS * 1000,
);
