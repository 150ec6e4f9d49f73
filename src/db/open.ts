import { join } from "node:path";
import type { ApiConfig } from "../config.ts";
import type { Database } from "./index.ts";
import { openPglite } from "./pglite.ts";
import { openPostgres } from "./postgres.ts";

/**
 * The database that the settings name. Apart from the port, so that the consumer, which never
 * runs embedded, does not carry PGlite.
 */
export const openDatabase = (
  config: Pick<ApiConfig, "DATABASE_URL" | "DATABASE_CONNECTIONS" | "dataDir">,
): Promise<Database> | Database =>
  config.DATABASE_URL === undefined
    ? openPglite(join(config.dataDir, "db"))
    : openPostgres(config.DATABASE_URL, { maxConnections: config.DATABASE_CONNECTIONS });
