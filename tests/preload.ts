/** Runs around the whole of `bun test`: ends what test files share. */
import { afterAll } from "bun:test";
import { stopPostgres } from "./fixtures/databases.ts";

afterAll(stopPostgres);
