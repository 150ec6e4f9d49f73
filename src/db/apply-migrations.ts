import { sql } from "drizzle-orm";
import type { Queries } from "./index.ts";
import { embeddedMigrations, type Migration } from "./migrations.ts";

/** What Drizzle's own `migrate()` calls once it has read the folder; our migrations lie in the executable instead. */
type Migratable = {
  readonly dialect: {
    migrate(migrations: Migration[], session: unknown, config: object): Promise<void>;
  };
  readonly session: unknown;
};

/** Applies what the database has not seen yet, all in one transaction. */
export const applyMigrations = async (queries: object): Promise<void> => {
  const { dialect, session } = queries as Migratable;
  await dialect.migrate(embeddedMigrations(), session, {});
};

/** Number of migrations that this executable has and the database has not seen. */
export const countPendingMigrations = async (queries: Queries): Promise<number> => {
  const [table] = await rows<{ exists: boolean }>(
    queries,
    sql`select to_regclass('drizzle.__drizzle_migrations') is not null as exists`,
  );
  if (!table?.exists) {
    return embeddedMigrations().length;
  }
  const [newest] = await rows<{ created_at: string | null }>(
    queries,
    sql`select max(created_at) as created_at from drizzle.__drizzle_migrations`,
  );
  const appliedUpTo = Number(newest?.created_at ?? 0);
  return embeddedMigrations().filter((migration) => migration.folderMillis > appliedUpTo).length;
};

/** postgres.js answers with the rows themselves, PGlite with an object around them. */
const rows = async <Row>(queries: Queries, statement: ReturnType<typeof sql>): Promise<Row[]> => {
  const answer: unknown = await queries.execute(statement);
  return (Array.isArray(answer) ? answer : (answer as { rows: Row[] }).rows) as Row[];
};
