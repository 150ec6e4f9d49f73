import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { SluiceError } from "../errors.ts";
import { applyMigrations, countPendingMigrations } from "./apply-migrations.ts";
import type { Database } from "./index.ts";
import * as schema from "./schema.ts";

/** Key of the advisory lock under which migrations run; any constant does, it spells "sluice". */
const MIGRATION_LOCK_KEY = 0x736c75696365;

const quietly = { onnotice: () => {} };

/** Wait before the next try to connect; postgres.js's own grows to 20 s, long after the server is back. */
const LONGEST_RECONNECT_SECONDS = 1;
const backoff = (retries: number): number =>
  Math.min(2 ** retries / 100, LONGEST_RECONNECT_SECONDS) * (0.5 + Math.random() / 2);

/**
 * Opens a pool on a PostgreSQL server. Connects lazily: `ping` tells whether it is there.
 * @param url `postgres://…`, with `?sslmode=` as libpq has it
 * @param options.maxConnections size of the pool
 */
export const openPostgres = (url: string, options: { maxConnections: number }): Database => {
  const sql = postgres(url, { max: options.maxConnections, backoff, ...quietly });
  const queries = drizzle(sql, { schema });
  return {
    kind: "postgres",
    queries,
    notify: async (channel, payload) => {
      await sql.notify(channel, payload);
    },
    listen: async (channel, onPayload) => {
      const { unlisten } = await sql.listen(channel, onPayload);
      return () => unlisten();
    },
    migrate: () => migrateLocked(url),
    pendingMigrations: () => countPendingMigrations(queries),
    ping: async () => {
      try {
        await sql`select 1`;
      } catch (cause) {
        throw new SluiceError("database_unavailable", { cause });
      }
    },
    close: () => sql.end({ timeout: 5 }),
  };
};

/** One connection of its own, because an advisory lock belongs to a connection and a pool hands out any. */
const migrateLocked = async (url: string): Promise<void> => {
  const sql = postgres(url, { max: 1, ...quietly });
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK_KEY}::bigint)`;
    await applyMigrations(drizzle(sql));
  } finally {
    await sql.end({ timeout: 5 });
  }
};
