/** Runs around the whole of `bun test`: ends what test files share. */
import { afterAll, setDefaultTimeout } from "bun:test";
import { stopPostgres } from "./fixtures/databases.ts";

/**
 * Bun gives a test five seconds, which a busy machine takes for starting a process. This only ends what hangs: no
 * test proves a speed by it.
 */
setDefaultTimeout(120_000);

afterAll(stopPostgres);
