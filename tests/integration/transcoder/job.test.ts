import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { type JobDocument, type JobEvent, JobEventPost } from "../../../src/videos/job-message.ts";
import { media } from "../../fixtures/media.ts";
import { filesBelow, runCommand, scratch, spawnCommand } from "./judge.ts";

type Api = AsyncDisposable & {
  readonly env: Record<string, string>;
  readonly events: JobEvent[];
  readonly problems: string[];
};

/** The api's internal port as the contract has it: one job, attempt 3; `answer` may refuse an event. */
const startApi = (
  document: { source: string; output: string; resumeFrom?: string },
  answer: (event: JobEvent, count: number) => Response | null = () => null,
): Api => {
  const events: JobEvent[] = [];
  const problems: string[] = [];
  let posts = 0;
  let lastSequence = -1;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      if (request.headers.get("authorization") !== "Bearer good-token") {
        return Response.json({ code: "job_token_invalid" }, { status: 401 });
      }
      if (request.method === "GET" && pathname === "/internal/jobs/job-1") {
        const job: JobDocument = {
          version: 1,
          jobId: "job-1",
          attempt: 3,
          videoId: "video-1",
          presentationId: "presentation-1",
          source: { adapter: "disk", path: document.source },
          output: { adapter: "disk", path: document.output },
          ...(document.resumeFrom !== undefined && {
            resumeFrom: { adapter: "disk", path: document.resumeFrom },
          }),
          maxDurationSeconds: 60,
          loudnessLufs: -16,
        };
        return Response.json(job);
      }
      if (request.method !== "POST" || pathname !== "/internal/jobs/job-1/events") {
        problems.push(`${request.method} ${pathname}`);
        return new Response(null, { status: 404 });
      }
      const post: unknown = await request.json();
      if (!Value.Check(JobEventPost, post)) {
        problems.push(JSON.stringify([...Value.Errors(JobEventPost, post)]));
        return new Response(null, { status: 422 });
      }
      posts += 1;
      const refusal = answer(post.event, posts);
      if (refusal !== null) return refusal;
      if (post.attempt !== 3) problems.push(`attempt ${post.attempt}`);
      if (post.sequence <= lastSequence) problems.push(`sequence ${post.sequence}`);
      lastSequence = post.sequence;
      events.push(post.event);
      return new Response(null, { status: 204 });
    },
  });
  const env = {
    SLUICE_API_URL: server.url.origin,
    SLUICE_JOB_ID: "job-1",
    SLUICE_JOB_ATTEMPT: "3",
    SLUICE_JOB_TOKEN: "good-token",
    SLUICE_HEARTBEAT_SECONDS: "1",
  };
  return { env, events, problems, [Symbol.asyncDispose]: () => server.stop(true) };
};

const types = (events: readonly JobEvent[]) => events.map(({ type }) => type);

describe("transcoder job", () => {
  test("says started, progress, playable and succeeded, in that order", async () => {
    await using folder = await scratch();
    const output = join(folder.path, "out");
    await using api = startApi({ source: await media("noise-10s.mp4"), output });
    const { exitCode, err } = await runCommand(["job"], api.env);
    expect([exitCode, err]).toEqual([0, ""]);
    expect(api.problems).toEqual([]);
    const told = types(api.events);
    expect(told[0]).toBe("started");
    expect(told.slice(-2)).toEqual(["playable", "succeeded"]);
    expect(new Set(told.slice(1, -2))).toEqual(new Set(["progress"]));
    const last = api.events.at(-1);
    expect(last?.type === "succeeded" && last.result).toEqual(
      await Bun.file(join(output, "result.json")).json(),
    );
  }, 180_000);

  test("tells why a source cannot be used, and that a retry is useless", async () => {
    await using folder = await scratch();
    const output = join(folder.path, "out");
    await using api = startApi({ source: await media("magicyuv.mkv"), output });
    const { exitCode } = await runCommand(["job"], api.env);
    expect(exitCode).toBe(65);
    expect(api.events).toMatchObject([
      { type: "failed", code: "source_unsupported_codec", retryable: false },
    ]);
  }, 180_000);

  test("survives an api that fails for a while", async () => {
    await using folder = await scratch();
    const output = join(folder.path, "out");
    const unwell = (_: JobEvent, count: number) =>
      count % 2 === 1 ? new Response(null, { status: 503 }) : null;
    await using api = startApi({ source: await media("no-audio.mp4"), output }, unwell);
    const { exitCode } = await runCommand(["job"], api.env);
    expect(exitCode).toBe(0);
    expect(types(api.events).at(-1)).toBe("succeeded");
    expect(api.problems).toEqual([]);
  }, 180_000);

  test("stops at once when another attempt took over, and writes no manifest", async () => {
    await using folder = await scratch();
    const output = join(folder.path, "out");
    const superseded = () => Response.json({ code: "attempt_superseded" }, { status: 409 });
    await using api = startApi({ source: await media("noise-10s.mp4"), output }, superseded);
    const { exitCode, err } = await runCommand(["job"], api.env);
    expect(exitCode).toBe(75);
    expect(err).toContain("[attempt_superseded]");
    expect((await filesBelow(folder.path)).filter((name) => /mpd|m3u8|json/.test(name))).toEqual(
      [],
    );
  }, 180_000);

  test("a wrong token is our fault and ends it", async () => {
    await using folder = await scratch();
    await using api = startApi({ source: "/nowhere", output: folder.path });
    const { exitCode, err } = await runCommand(["job"], {
      ...api.env,
      SLUICE_JOB_TOKEN: "bad-token",
    });
    expect(exitCode).toBe(70);
    expect(err).toContain("[job_token_invalid]");
  }, 180_000);

  test("SIGTERM reports an interruption that may be retried, and exits with 143", async () => {
    await using folder = await scratch();
    const output = join(folder.path, "out");
    await using api = startApi({ source: await media("noise-10s.mp4"), output });
    const child = spawnCommand(["job"], api.env);
    while (!(await Bun.file(join(output, "v/360/1.m4s")).exists())) await Bun.sleep(5);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(143);
    expect(api.events.at(-1)).toMatchObject({
      type: "failed",
      code: "interrupted",
      retryable: true,
    });
    expect(await Bun.file(join(output, "manifest.mpd")).exists()).toBe(false);
  }, 180_000);

  test("killed half-way, it is gone on with by the next attempt", async () => {
    await using folder = await scratch();
    const source = await media("landscape-720-10s.mp4");
    const [calm, killed, next] = ["calm", "killed", "next"].map((name) => join(folder.path, name));
    if (!calm || !killed || !next) throw new Error("three folders");
    await using api = startApi({ source, output: killed });
    const child = spawnCommand(["job"], api.env);
    while (!(await Bun.file(join(killed, "checkpoint.json")).exists())) await Bun.sleep(5);
    child.kill("SIGKILL");
    await child.exited;
    await using after = startApi({ source, output: next, resumeFrom: killed });
    const { exitCode, err } = await runCommand(["job"], after.env);
    expect([exitCode, err]).toEqual([0, expect.stringContaining("of an earlier attempt")]);
    expect((await runCommand([source, "--out", calm, "--quiet"])).exitCode).toBe(0);
    const names = await filesBelow(calm);
    expect(await filesBelow(next)).toEqual(names);
    for (const name of names) {
      const [a, b] = await Promise.all([calm, next].map((at) => Bun.file(join(at, name)).bytes()));
      expect([name, Buffer.compare(a ?? new Uint8Array(), b ?? new Uint8Array())]).toEqual([
        name,
        0,
      ]);
    }
  }, 180_000);

  test("a success waits for an api that is away for more than half a minute", async () => {
    await using folder = await scratch();
    const awayMs = 33_000;
    let sinceMs: number | null = null;
    const away = (event: JobEvent) => {
      if (event.type !== "playable" && event.type !== "succeeded") return null;
      sinceMs ??= performance.now();
      return performance.now() - sinceMs < awayMs ? new Response(null, { status: 503 }) : null;
    };
    const output = join(folder.path, "out");
    await using api = startApi({ source: await media("no-audio.mp4"), output }, away);
    const { exitCode } = await runCommand(["job"], { ...api.env, SLUICE_WATCHDOG_SECONDS: "10" });
    expect(exitCode).toBe(0);
    expect(types(api.events).slice(-2)).toEqual(["playable", "succeeded"]);
  }, 180_000);

  test("SIGTERM while the result is being reported interrupts nothing", async () => {
    await using folder = await scratch();
    const output = join(folder.path, "out");
    const told = Promise.withResolvers<void>();
    let isAway = true;
    const away = ({ type }: JobEvent) => {
      if (type !== "playable" || !isAway) return null;
      told.resolve();
      return new Response(null, { status: 503 });
    };
    await using api = startApi({ source: await media("no-audio.mp4"), output }, away);
    const child = spawnCommand(["job"], api.env);
    await told.promise;
    child.kill("SIGTERM");
    await Bun.sleep(50);
    isAway = false;
    expect(await child.exited).toBe(0);
    expect(types(api.events).at(-1)).toBe("succeeded");
  }, 180_000);

  test("a result that nobody takes is left in storage, and no failure is told", async () => {
    await using folder = await scratch();
    const output = join(folder.path, "out");
    const told = Promise.withResolvers<void>();
    const away = ({ type }: JobEvent) => {
      if (type === "started" || type === "progress") return null;
      told.resolve();
      return new Response(null, { status: 503 });
    };
    await using api = startApi({ source: await media("no-audio.mp4"), output }, away);
    const child = spawnCommand(["job"], api.env);
    await told.promise;
    child.kill("SIGTERM");
    expect(await child.exited).toBe(143);
    expect(types(api.events)).not.toContain("failed");
    expect(await Bun.file(join(output, "result.json")).exists()).toBe(true);
  }, 180_000);

  test("an attempt in which nothing moves is given up by the watchdog", async () => {
    await using folder = await scratch();
    await using api = startApi({ source: "/nowhere", output: folder.path });
    await using silent = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Promise<Response>(() => {}),
    });
    // The job document cannot be had: nothing moves.
    const env = { ...api.env, SLUICE_API_URL: silent.url.origin, SLUICE_WATCHDOG_SECONDS: "1" };
    const { exitCode, err } = await runCommand(["job"], env);
    expect(exitCode).toBe(75);
    expect(err).toContain("[transcode_stalled]");
  }, 180_000);

  test("--check and missing settings name every problem at once", async () => {
    const { exitCode, err } = await runCommand(["--check"], { SLUICE_API_URL: "nonsense" });
    expect(exitCode).toBe(78);
    expect(err.trim().split("\n").length).toBe(4);
    const fine = await runCommand(["--check"], {
      SLUICE_API_URL: "http://127.0.0.1:1",
      SLUICE_JOB_ID: "job-1",
      SLUICE_JOB_ATTEMPT: "1",
      SLUICE_JOB_TOKEN: "t",
    });
    expect([fine.exitCode, fine.err]).toEqual([0, ""]);
  }, 180_000);
});
