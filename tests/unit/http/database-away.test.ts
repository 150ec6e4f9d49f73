import { afterAll, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { Elysia } from "elysia";
import { openPostgres } from "../../../src/db/postgres.ts";
import { createApp } from "../../../src/http/app.ts";
import { healthRoutes } from "../../../src/http/health.ts";
import { createMetrics } from "../../../src/http/metrics.ts";
import { createLog, loggable } from "../../../src/log.ts";

/** Nobody listens on port 1 (tcpmux). */
const database = openPostgres("postgres://sluice@127.0.0.1:1/sluice", { maxConnections: 2 });
const { queries } = database;
afterAll(() => database.close());

const metrics = createMetrics(async () => {
  await queries.execute(sql`select 1`);
  return { pending: 0, running: 0 };
});
const app = createApp(
  { log: createLog("test", "silent"), metrics, publicUrl: "http://127.0.0.1:3000" },
  [
    healthRoutes({
      database,
      storage: { ping: async () => {} },
      config: { STORAGE: "disk" },
      confinement: "landlock 7",
    }),
    new Elysia()
      .get("/query", async () => String(await queries.execute(sql`select 1`)))
      .get("/transaction", () => queries.transaction(async () => "never")),
  ],
);

test.each(["/health/ready", "/query", "/transaction"])(
  "%s says that the database is away and counts as no error of ours",
  async (path) => {
    const answer = await app.handle(new Request(`http://127.0.0.1:3000${path}`));
    expect([answer.status, (await answer.json()).code]).toEqual([503, "database_unavailable"]);
    expect(await metrics.text()).toContain("sluice_internal_errors_total 0");
  },
);

test("metrics that need no database are still told", async () => {
  const text = await metrics.text();
  expect(text).toContain("sluice_http_request_duration_seconds");
  expect(text).not.toContain("sluice_jobs{");
});

test("the log tells which query failed and none of its values", async () => {
  const secret = "$argon2id$v=19$secret";
  const thrown = await queries
    .execute(sql`select ${secret} as hash, ${"two\nlines"} as text`)
    .catch((error: unknown) => error);
  expect((thrown as Error).message).toContain(secret);
  const written = JSON.stringify(loggable(thrown));
  expect(written).toContain("Failed query: select $1 as hash");
  expect(written).toContain("ECONNREFUSED");
  expect(written).not.toContain(secret);
  expect(written).not.toContain("lines");
});
