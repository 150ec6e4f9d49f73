/**
 * Events a second from an SQS queue to committed jobs on PostgreSQL, beside the emulator's own ceiling: the
 * same loop with nothing to do but to delete. Then how many jobs ten thousand events make when each
 * upload is announced five times.
 *
 *     bun bench/sqs.ts [--rounds 3]
 */
import { SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import type { Database } from "../src/db/index.ts";
import { openPostgres } from "../src/db/postgres.ts";
import { jobs, uploads, users, videos } from "../src/db/schema.ts";
import { createLog } from "../src/log.ts";
import { sourceKey } from "../src/storage/keys.ts";
import { dispatchMessage } from "../src/videos/dispatch.ts";
import { dispatchTogether } from "../src/videos/dispatch-together.ts";
import { receiveMessages } from "../src/videos/receive.ts";
import { startMinistack } from "../tests/fixtures/aws/emulators.ts";
import { s3Event, UPLOADS_BUCKET } from "../tests/fixtures/aws/messages.ts";
import { createTestQueue, sqsClient, type TestSqsQueue } from "../tests/fixtures/aws/sqs-queues.ts";
import { withPostgres } from "./harness/postgres-server.ts";
import { table, verdict, writeSection } from "./harness/report.ts";
import { median, roundsFromCommandLine } from "./harness/rounds.ts";

const GOAL_PER_SECOND = 300;
const EVENTS = 2_000;
const ANNOUNCED = 5;
/** As `DATABASE_CONNECTIONS` has it by default. */
const CONNECTIONS = 10;

const log = createLog("bench", "silent");
const rounds = roundsFromCommandLine(3);

/** Rows of completed uploads; their keys. */
const addUploads = async ({ queries }: Database, count: number): Promise<string[]> => {
  const email = `${crypto.randomUUID()}@example.org`;
  const [user] = await queries.insert(users).values({ email, name: "Ada" }).returning();
  const ownerId = user?.id ?? "";
  const made = await queries
    .insert(videos)
    .values(
      Array.from({ length: count }, () => ({
        ownerId,
        title: "x",
        status: "queued" as const,
        sourceBytes: 1,
      })),
    )
    .returning();
  const rows = made.map(({ id }) => ({
    videoId: id,
    ownerId,
    objectKey: sourceKey(ownerId, id),
    storageUploadId: "",
    fileName: "x",
    contentType: "video/mp4",
    sizeBytes: 1,
    partBytes: 1,
    status: "completed" as const,
    expiresAt: new Date(),
  }));
  await queries.insert(uploads).values(rows);
  return rows.map(({ objectKey }) => objectKey);
};

const send = async (emulatorUrl: string, queueUrl: string, keys: readonly string[]) => {
  const client = sqsClient({ url: emulatorUrl });
  for (let first = 0; first < keys.length; first += 10) {
    const Entries = keys.slice(first, first + 10).map((key, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify(s3Event({ key, etag: "v1" })),
    }));
    await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
  client.destroy();
};

/** Milliseconds until `count` messages are handled, by the consumer's own loop. */
const drain = async (
  made: TestSqsQueue,
  count: number,
  database: Database | null,
): Promise<number> => {
  const queue = made.open();
  const dispatch = database && dispatchTogether(database);
  const abort = new AbortController();
  let handled = 0;
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const startedAt = performance.now();
  const running = receiveMessages({
    queue,
    log,
    signal: abort.signal,
    handle: async (message) => {
      if (dispatch === null) {
        await queue.delete(message);
      } else {
        const names = { uploadsBucket: UPLOADS_BUCKET, containerName: "transcoder" };
        await dispatchMessage(
          { dispatch, queue, log, names, transcoderEnded: async () => {} },
          message,
        );
      }
      handled += 1;
      if (handled === count) resolve();
    },
  });
  await all;
  const ms = performance.now() - startedAt;
  abort.abort();
  await running;
  await queue.close();
  return ms;
};

const emulator = await startMinistack();
const perSecond: { ceiling: number[]; jobs: number[] } = { ceiling: [], jobs: [] };
const redelivery = await withPostgres(async (url) => {
  const database = openPostgres(url, { maxConnections: CONNECTIONS });
  await database.migrate();
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const arm of ["ceiling", "jobs"] as const) {
        const queue = await createTestQueue(emulator);
        await send(emulator.url, queue.queueUrl, await addUploads(database, EVENTS));
        const ms = await drain(queue, EVENTS, arm === "jobs" ? database : null);
        perSecond[arm].push(EVENTS / (ms / 1000));
      }
    }
    const before = await database.queries.$count(jobs);
    const keys = await addUploads(database, EVENTS);
    const queue = await createTestQueue(emulator);
    const events = Array.from({ length: ANNOUNCED }, () => keys).flat();
    await send(emulator.url, queue.queueUrl, events);
    await drain(queue, events.length, database);
    return { events: events.length, jobs: (await database.queries.$count(jobs)) - before };
  } finally {
    await database.close();
  }
}).finally(() => emulator.stop());

const whole = (values: readonly number[]) => median(values).toFixed(0);
const raw = (values: readonly number[]) => values.map((value) => value.toFixed(0)).join("; ");
await writeSection({
  id: "sqs",
  title: "From SQS to committed jobs",
  command: `bun bench/sqs.ts --rounds ${rounds}`,
  programs: [],
  body: `
${EVENTS} events of S3, one a message, in each of ${rounds} rounds; the emulator (ministack), PostgreSQL and the loop share the machine.

${table([
  ["what is done with each message", "events/s (median)", "raw"],
  ["deleted: the emulator's ceiling", whole(perSecond.ceiling), raw(perSecond.ceiling)],
  ["its job committed, then deleted", whole(perSecond.jobs), raw(perSecond.jobs)],
])}

${verdict("events to committed jobs", median(perSecond.jobs), "at least", GOAL_PER_SECOND, " events/s")}

Redelivery: ${redelivery.events} events about ${EVENTS} uploads made ${redelivery.jobs} jobs.
`,
});
