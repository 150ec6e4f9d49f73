/** Runs around the whole of `bun test`: ends what test files share. */
import { afterAll, setDefaultTimeout } from "bun:test";
import { stopPostgres } from "./fixtures/databases.ts";

/** The first test that needs a PostgreSQL server waits for its start, longer than Bun's 5 s on a busy machine. */
setDefaultTimeout(60_000);

afterAll(stopPostgres);
