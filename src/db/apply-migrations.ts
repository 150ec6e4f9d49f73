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
