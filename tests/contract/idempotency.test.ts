import { afterEach, beforeEach, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import type { Database } from "../../src/db/index.ts";
import { idempotencyKeys, users } from "../../src/db/schema.ts";
import type { SluiceError } from "../../src/errors.ts";
import { idempotently } from "../../src/http/idempotency.ts";
import { describeOnDatabases } from "../fixtures/databases.ts";

describeOnDatabases("idempotency keys", (open) => {
  let database: Database;
  let userId: string;
  let runs: number;
  beforeEach(async () => {
    database = await open();
    const [user] = await database.queries
      .insert(users)
      .values({ email: "ada@example.org", name: "Ada" })
      .returning();
    userId = user?.id ?? "";
    runs = 0;
  });
  afterEach(() => database.close());

  const request = (body: unknown) => ({
    userId,
    key: "k",
    method: "POST",
    path: "/things",
    body,
    status: 201,
  });
  const create = (body: unknown = { a: 1 }) =>
    idempotently(database.queries, request(body), async () => {
      runs += 1;
      return { made: runs };
    });
  const age = (interval: string) =>
    database.queries.update(idempotencyKeys).set({ createdAt: sql`now() - ${interval}::interval` });

  test("a repetition within a day gets the first answer, one after it runs anew", async () => {
    expect(await create()).toEqual({ answer: { made: 1 }, replayed: false });
    await age("23 hours");
    expect(await create()).toEqual({ answer: { made: 1 }, replayed: true });
    await age("25 hours");
    expect(await create({ another: "body" })).toEqual({ answer: { made: 2 }, replayed: false });
  });

  test("while the first one runs others are told so; when it died they take its place", async () => {
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const first = idempotently(database.queries, request({ a: 1 }), async () => {
      begun.resolve();
      await gate.promise;
      return { made: "slowly" };
    });
    await begun.promise;
    const refused = await create().catch((thrown: SluiceError) => thrown);
    expect(refused).toMatchObject({ code: "idempotency_key_in_use" });
    await age("2 minutes");
    expect((await create()).answer).toEqual({ made: 1 });
    gate.resolve();
    await first;
  });

  test("a failure frees the key", async () => {
    const failing = idempotently(database.queries, request({ a: 1 }), async () => {
      throw new Error("no luck");
    });
    await expect(failing).rejects.toThrow("no luck");
    expect((await create()).replayed).toBe(false);
  });
});
