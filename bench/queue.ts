/**
 * How long a waiting receiver takes to have a message, from before `send` until `receive` returns,
 * on the embedded database and on a PostgreSQL server.
 *
 *     bun bench/queue.ts [--rounds 5]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../src/db/index.ts";
import { openPglite } from "../src/db/pglite.ts";
import { openPostgres } from "../src/db/postgres.ts";
import { createLog } from "../src/log.ts";
import { openPostgresQueue } from "../src/queue/postgres.ts";
import { withPostgres } from "./harness/postgres-server.ts";
import { table, verdict, writeSection } from "./harness/report.ts";
import { median, percentile, roundsFromCommandLine, runInterleaved } from "./harness/rounds.ts";

const GOAL_P99_MS = 20;
const MESSAGES_PER_ROUND = 400;
/** The first messages meet cold statements and are not counted. */
const WARM_UP = 20;
/** Pause between messages, drawn evenly, so that the receiver waits again and phases do not lock. */
const PAUSE_MS = { least: 5, most: 15 } as const;

const log = createLog("bench", "error");

/** Milliseconds from before `send` until the waiting receiver holds the message. */
const pickUpTimes = async (sender: Database, receiver: Database): Promise<number[]> => {
  const outbox = openPostgresQueue(sender, log, { name: "bench" });
  const inbox = openPostgresQueue(receiver, log, { name: "bench" });
  const { signal } = new AbortController();
  const times: number[] = [];
  for (let index = 0; index < MESSAGES_PER_ROUND + WARM_UP; index += 1) {
    const arrival = inbox
      .receive({ maxMessages: 1, waitSeconds: 20, visibilitySeconds: 30, signal })
      .then((messages) => ({ messages, at: performance.now() }));
    await Bun.sleep(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
    const sentAt = performance.now();
    await outbox.send({ index });
    const { messages, at } = await arrival;
    const [message] = messages;
    if (message === undefined) throw new Error("the message did not arrive within 20 s");
    await inbox.delete(message);
    if (index >= WARM_UP) times.push(at - sentAt);
  }
  await inbox.close();
  await outbox.close();
  return times;
};

const rounds = roundsFromCommandLine(5);
const folder = await mkdtemp(join(tmpdir(), "sluice-bench-queue-"));

const results = await withPostgres(async (url) => {
  const embedded = await openPglite(join(folder, "database"));
  const sender = openPostgres(url, { maxConnections: 2 });
  const receiver = openPostgres(url, { maxConnections: 2 });
  await embedded.migrate();
  await sender.migrate();
  try {
    return await runInterleaved(
      [
        { name: "PGlite (embedded)", run: () => pickUpTimes(embedded, embedded) },
        { name: "PostgreSQL 18 server", run: () => pickUpTimes(sender, receiver) },
      ],
      rounds,
    );
  } finally {
    await Promise.all([embedded, sender, receiver].map((database) => database.close()));
  }
}).finally(() => rm(folder, { recursive: true, force: true }));

const format = (ms: number): string => ms.toFixed(2);
const all = [...results].map(([name, byRound]) => ({ name, byRound, times: byRound.flat() }));
await writeSection({
  id: "queue",
  title: "Queue pick-up",
  command: `bun bench/queue.ts --rounds ${rounds}`,
  programs: [],
  body: `
Milliseconds from before \`send\` until the \`receive\` that waits for it returns; ${MESSAGES_PER_ROUND} messages in
each of ${rounds} rounds, ${PAUSE_MS.least} to ${PAUSE_MS.most} ms apart. Both databases lie on disk with their default durability.

${table([
  ["database", "median ms", "p99 ms", "worst ms"],
  ...all.map(({ name, times }) => [
    name,
    format(median(times)),
    format(percentile(times, 0.99)),
    format(Math.max(...times)),
  ]),
])}

${all.map(({ name, times }) => verdict(`p99 on ${name}`, percentile(times, 0.99), "below", GOAL_P99_MS, " ms")).join("\n")}

Raw, p50 / p99 ms by round:

${all
  .map(({ name, byRound }) => {
    const values = byRound.map((t) => `${format(median(t))} / ${format(percentile(t, 0.99))}`);
    return `- ${name}: ${values.join("; ")}`;
  })
  .join("\n")}
`,
});
