import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import initdbWasm from "@electric-sql/pglite/initdb.wasm" with { type: "file" };
import fsBundle from "@electric-sql/pglite/pglite.data" with { type: "file" };
import pgliteWasm from "@electric-sql/pglite/pglite.wasm" with { type: "file" };
import { drizzle } from "drizzle-orm/pglite";
import { SluiceError } from "../errors.ts";
import { applyMigrations, countPendingMigrations } from "./apply-migrations.ts";
import type { Database } from "./index.ts";
import * as schema from "./schema.ts";
import seed from "./seed/pglite-cluster.tar.zst" with { type: "file" };

/**
 * Opens the embedded database. One process, one connection: queries take turns, and a transaction
 * holds everyone else up, so transactions stay short.
 * @param folder where the cluster lies; made from a shipped seed when missing, because initdb in
 *   WebAssembly takes 5–10 s and about 1 GB of memory. `null` keeps everything in memory (tests).
 */
export const openPglite = async (folder: string | null): Promise<Database> => {
  const pglite = await openCluster(folder);
  const queries = drizzle(pglite, { schema });
  return {
    kind: "pglite",
    queries,
    notify: async (channel, payload) => {
      await pglite.query("select pg_notify($1, $2)", [channel, payload]);
    },
    listen: async (channel, onPayload) => {
      const stop = await pglite.listen(channel, onPayload);
      return () => stop();
    },
    migrate: () => applyMigrations(queries),
    pendingMigrations: () => countPendingMigrations(queries),
    ping: async () => {
      try {
        await pglite.query("select 1");
      } catch (cause) {
        throw new SluiceError("database_unavailable", { cause });
      }
    },
    close: () => pglite.close(),
  };
};

const openCluster = async (folder: string | null): Promise<PGlite> => {
  if (folder === null) {
    return await PGlite.create({ ...(await wasmModules()), loadDataDir: await seedArchive() });
  }
  if (!existsSync(folder)) {
    // Unpacked beside and renamed: a first start that is killed half-way leaves no half cluster.
    const unpacking = `${folder}.new`;
    await rm(unpacking, { recursive: true, force: true });
    await new Bun.Archive(await seedArchive()).extract(unpacking);
    await rename(unpacking, folder);
  }
  return await PGlite.create({ ...(await wasmModules()), dataDir: folder });
};

const wasmModules = async () => {
  const compile = async (path: string) =>
    await WebAssembly.compile(await Bun.file(path).arrayBuffer());
  const [pgliteWasmModule, initdbWasmModule] = await Promise.all([
    compile(pgliteWasm),
    compile(initdbWasm),
  ]);
  return { pgliteWasmModule, initdbWasmModule, fsBundle: Bun.file(fsBundle) };
};

/** An empty cluster as initdb leaves it; made by `scripts/make-pglite-seed.ts`. */
const seedArchive = async (): Promise<Blob> =>
  new Blob([new Uint8Array(Bun.zstdDecompressSync(await Bun.file(seed).arrayBuffer()))]);
