import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import type * as schema from "./schema.ts";

/** Runs queries: the database itself or a transaction in it. */
export type Queries = PgDatabase<PgQueryResultHKT, typeof schema>;

/**
 * The database port. Two adapters: PGlite (embedded, one process, one connection) and PostgreSQL
 * (postgres.js). Queries are the same on both.
 */
export type Database = {
  readonly kind: "pglite" | "postgres";
  readonly queries: Queries;
  /**
   * Wakes every listener of `channel`, in this process and, with PostgreSQL, in all others. A hint
   * only: it may be lost when a connection breaks, so listeners also poll.
   * @param payload at most 8000 bytes, PostgreSQL's limit
   */
  notify(channel: string, payload: string): Promise<void>;
  /** Calls `onPayload` for each notification until the returned function is called. */
  listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>;
  /** Applies the embedded migrations under a lock; a second run, or a second process, changes nothing. */
  migrate(): Promise<void>;
  /** Number of migrations that are still to be applied; 0 when the schema is this executable's. */
  pendingMigrations(): Promise<number>;
  /** Resolves when a query round trip works. @throws SluiceError `database_unavailable` */
  ping(): Promise<void>;
  close(): Promise<void>;
};
