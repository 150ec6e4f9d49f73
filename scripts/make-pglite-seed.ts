/**
 * Makes `src/db/seed/pglite-cluster.tar.zst`: an empty cluster as initdb leaves it, so that a first
 * start need not run initdb. Run again when the PGlite version moves.
 */
import { PGlite } from "@electric-sql/pglite";

const ZSTD_LEVEL = 22; // the window spans the three near-identical template databases: 1.1 MB instead of 4.4

const pglite = await PGlite.create();
const archive = await (await pglite.dumpDataDir("none")).arrayBuffer();
await pglite.close();
const target = new URL("../src/db/seed/pglite-cluster.tar.zst", import.meta.url).pathname;
await Bun.write(target, Bun.zstdCompressSync(archive, { level: ZSTD_LEVEL }));
console.log(`${target}: ${Bun.file(target).size} bytes`);
