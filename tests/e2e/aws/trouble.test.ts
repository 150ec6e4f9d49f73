/** The same walk when something goes wrong on the way: nothing is lost, and nothing happens twice. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import type { Client } from "../support/client.ts";
import { upload } from "../support/client.ts";
import { bytesOf, testClip } from "../support/clips.ts";
import { eventually } from "../support/platform.ts";
import { type AwsPlatform, startAwsPlatform, untilReady, videoState } from "./aws-platform.ts";

let platform: AwsPlatform;
let ada: Client;
let short: Uint8Array<ArrayBuffer>;
let long: Uint8Array<ArrayBuffer>;
/** Tasks that ran before the test. */
let before = 0;

beforeAll(async () => {
  platform = await startAwsPlatform({ LEASE_SECONDS: "10" });
  ada = await platform.signIn("ada@example.org");
  short = await bytesOf(await testClip({ seconds: 2, height: 360 }));
  long = await bytesOf(await testClip({ seconds: 40, height: 720 }));
}, 600_000);
beforeEach(() => {
  before = platform.account.ecs.started();
});
afterAll(async () => {
  await platform?.stop();
});

const tasksStarted = () => platform.account.ecs.started() - before;
const newestTask = () => [...platform.account.ecs.tasks.keys()].at(-1) ?? "";
const send = (name: string, bytes = short) => upload(ada, { name: `${name}.mp4`, bytes });

/** What S3 says of an upload; source: "Event message structure", Amazon S3 User Guide. */
const s3Event = (key: string, etag: string) => ({
  Records: [
    {
      eventVersion: "2.1",
      eventSource: "aws:s3",
      awsRegion: "eu-central-1",
      eventTime: new Date().toISOString(),
      eventName: "ObjectCreated:CompleteMultipartUpload",
      s3: {
        s3SchemaVersion: "1.0",
        bucket: { name: platform.account.bucketNames.uploads },
        object: {
          key: encodeURIComponent(key).replaceAll("%2F", "/"),
          size: short.length,
          eTag: etag,
        },
      },
    },
  ],
});

test("events that come again, late and in another order make no second job", async () => {
  const first = await send("first");
  const second = await send("second");
  const known = await platform.account.objects("uploads");
  for (const { key, etag } of known.toReversed()) {
    for (let times = 0; times < 3; times += 1) {
      await platform.account.send(JSON.stringify(s3Event(key, etag)));
    }
  }
  await untilReady(ada, first.videoId, 180);
  await untilReady(ada, second.videoId, 180);
  // Once more when all is done, as SQS may deliver days later.
  for (const { key, etag } of known)
    await platform.account.send(JSON.stringify(s3Event(key, etag)));
  await eventually("an empty queue", async () => (await platform.account.waiting()) === 0, 60);
  expect(tasksStarted()).toBe(2);
  expect((await videoState(ada, first.videoId)).status).toBe("ready");
}, 400_000);

/** Nothing that anybody sends to this queue. */
const POISON = ["not JSON at all", '{"hello":"world"}', "[1,2,3]"];

test("poison in the queue holds nobody up", async () => {
  for (const body of POISON) await platform.account.send(body);
  const { videoId } = await send("behind the poison");
  await untilReady(ada, videoId, 180);
  expect(tasksStarted()).toBe(1);
}, 400_000);

test("a task that finds no capacity, twice, is tried again without being counted as failed", async () => {
  const noCapacity = {
    failures: [{ reason: "Capacity is unavailable at this time. Please try again later." }],
  };
  // Spot and on-demand, in two rounds.
  platform.account.ecs.refuseNext(noCapacity, noCapacity, noCapacity, noCapacity);
  const { videoId } = await send("no room");
  await untilReady(ada, videoId, 300);
  expect(tasksStarted()).toBe(1);
}, 400_000);

test("a task that loses its Spot capacity half-way is followed by one that goes on where it was", async () => {
  const { videoId } = await send("interrupted", long);
  await eventually(
    "a third of the conversion",
    async () => ((await videoState(ada, videoId)).progress?.percent ?? 0) > 30,
    240,
  );
  platform.account.ecs.interruptSpot(newestTask());
  await untilReady(ada, videoId, 400);
  expect(tasksStarted()).toBe(2);
}, 700_000);

test("a task that is killed for want of memory is tried again", async () => {
  const { videoId } = await send("killed", long);
  await eventually(
    "the conversion to be under way",
    async () => ((await videoState(ada, videoId)).progress?.percent ?? 0) > 10,
    240,
  );
  platform.account.ecs.endTask(newestTask(), {
    stopCode: "EssentialContainerExited",
    stoppedReason: "OutOfMemoryError: Container killed due to memory usage",
    exitCode: 137,
    containerReason: "OutOfMemoryError: Container killed due to memory usage",
  });
  await untilReady(ada, videoId, 400);
  expect(tasksStarted()).toBe(2);
}, 700_000);

test("an api that is away for half a minute while a task reports loses nothing", async () => {
  const { videoId } = await send("while nobody listens", long);
  await eventually(
    "the conversion to be under way",
    async () => ((await videoState(ada, videoId)).progress?.percent ?? 0) > 5,
    240,
  );
  await platform.api().stop();
  await Bun.sleep(30_000);
  await platform.startApi();
  await untilReady(ada, videoId, 400);
}, 700_000);

test("PostgreSQL that restarts in between loses nothing either", async () => {
  const { videoId } = await send("database away", long);
  await eventually(
    "the conversion to be under way",
    async () => ((await videoState(ada, videoId)).progress?.percent ?? 0) > 5,
    240,
  );
  await platform.postgres.restart();
  await eventually(
    "the api to answer again",
    async () => (await videoState(ada, videoId).catch(() => null))?.status !== undefined,
    60,
  );
  await untilReady(ada, videoId, 400);
}, 700_000);

test("the poison lies in the dead-letter queue, the log says why, and nothing else lies there", async () => {
  // It is shown again after 30 s each time, and given up at the third.
  await eventually(
    "the dead letters",
    async () => (await platform.account.dead()) === POISON.length,
    180,
  );
  await eventually("an empty queue", async () => (await platform.account.waiting()) === 0, 60);
  expect(platform.output()).toMatch(/"reason":"[^"]+".*"a queue message was refused"/);
}, 300_000);

test("SIGTERM ends the consumer cleanly", async () => {
  const { process } = platform.consumer();
  process.kill("SIGTERM");
  expect(await process.exited).toBe(0);
}, 60_000);
