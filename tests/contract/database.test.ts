import { afterEach, beforeEach, expect, test } from "bun:test";
import { eq, sql } from "drizzle-orm";
import type { Database } from "../../src/db/index.ts";
import { embeddedMigrations } from "../../src/db/migrations.ts";
import { jobs, users, videos } from "../../src/db/schema.ts";
import { describeOnDatabases } from "../fixtures/databases.ts";

describeOnDatabases("the database port", (open) => {
  let database: Database;
  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  const insertUser = async (email: string) => {
    const [user] = await database.queries.insert(users).values({ email, name: "Ada" }).returning();
    if (!user) {
      throw new Error("no row came back");
    }
    return user;
  };

  test("a row comes back as it was written, times and JSON included", async () => {
    const user = await insertUser("ada@example.org");
    const renditions = [
      {
        name: "360p",
        width: 640,
        height: 360,
        frameRate: 25,
        codecs: "avc1.64001e",
        bandwidth: 1,
        averageBandwidth: 1,
        bytes: 1,
      },
    ];
    const readyAt = new Date("2026-01-02T03:04:05.678Z");
    await database.queries.insert(videos).values({
      ownerId: user.id,
      title: "Ä „quoted“ title",
      sourceBytes: 10_000_000_000,
      renditions,
      readyAt,
    });
    const [video] = await database.queries.select().from(videos).where(eq(videos.ownerId, user.id));
    expect(video).toMatchObject({
      title: "Ä „quoted“ title",
      sourceBytes: 10_000_000_000,
      renditions,
      readyAt,
    });
  });

  test("one e-mail address makes one user: a second insert is a unique violation", async () => {
    await insertUser("ada@example.org");
    const error = await insertUser("ada@example.org").then(
      () => null,
      (thrown: { cause?: { code?: string } }) => thrown,
    );
    expect(error?.cause?.code).toBe("23505");
  });

  test("a duplicate event makes one job, also when the object has no version", async () => {
    const user = await insertUser("ada@example.org");
    const [video] = await database.queries
      .insert(videos)
      .values({ ownerId: user.id, title: "t", sourceBytes: 1 })
      .returning();
    const job = {
      videoId: video?.id ?? "",
      bucket: "uploads",
      objectKey: "k",
      objectVersion: null,
    };
    await database.queries.insert(jobs).values(job).onConflictDoNothing();
    await database.queries.insert(jobs).values(job).onConflictDoNothing();
    expect(await database.queries.$count(jobs)).toBe(1);
  });

  test("a transaction that throws leaves nothing, and the connection goes on working", async () => {
    await database.queries
      .transaction(async (tx) => {
        await tx.insert(users).values({ email: "gone@example.org", name: "Gone" });
        throw new Error("undo");
      })
      .catch(() => {});
    expect(await database.queries.$count(users)).toBe(0);
    await insertUser("ada@example.org");
    expect(await database.queries.$count(users)).toBe(1);
  });

  test("a migrated database says that nothing is pending, an empty one how much", async () => {
    expect(await database.pendingMigrations()).toBe(0);
    await database.queries.execute(sql`delete from drizzle.__drizzle_migrations`);
    const pending = await database.pendingMigrations();
    for (const migration of embeddedMigrations()) {
      await database.queries.execute(
        sql`insert into drizzle.__drizzle_migrations (hash, created_at) values (${migration.hash}, ${migration.folderMillis})`,
      );
    }
    expect(pending).toBe(embeddedMigrations().length);
  });

  test("migrating twice, and twice at once, changes nothing", async () => {
    await insertUser("ada@example.org");
    await Promise.all([database.migrate(), database.migrate()]);
    expect(await database.queries.$count(users)).toBe(1);
  });

  test("a notification wakes a listener until it stops listening", async () => {
    const heard: string[] = [];
    let wake = () => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const stop = await database.listen("changes", (payload) => {
      heard.push(payload);
      wake();
    });
    await database.notify("changes", "first");
    await woken;
    await stop();
    await database.notify("changes", "second");
    await database.ping();
    expect(heard).toEqual(["first"]);
  });
});
