import { EXIT_OK } from "./command-line.ts";
import { type ApiConfig, ConfigError } from "./config.ts";
import { openPostgres } from "./db/postgres.ts";

/**
 * `api migrate`: applies what is pending, under a lock, so that several may start it at once.
 * @throws ConfigError without DATABASE_URL; SluiceError `database_unavailable`
 */
export const migrate = async ({ DATABASE_URL }: ApiConfig): Promise<number> => {
  if (DATABASE_URL === undefined) {
    throw new ConfigError([
      "DATABASE_URL: not set. The embedded database is brought up to date at each start, so there is nothing to do.",
    ]);
  }
  const database = openPostgres(DATABASE_URL, { maxConnections: 1 });
  try {
    await database.ping();
    const pending = await database.pendingMigrations();
    await database.migrate();
    console.log(pending === 0 ? "The database is up to date." : `Applied ${pending} migrations.`);
    return EXIT_OK;
  } finally {
    await database.close();
  }
};
