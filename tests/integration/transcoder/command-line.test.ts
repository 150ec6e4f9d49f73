import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { media } from "../../fixtures/media.ts";
import { filesBelow, runCommand, scratch, spawnCommand } from "./judge.ts";

describe("transcoder on the command line", () => {
  test("--json prints one object a line, with progress that never falls", async () => {
    await using folder = await scratch();
    const { exitCode, out } = await runCommand([
      await media("noise-10s.mp4"),
      "--out",
      folder.path,
      "--json",
    ]);
    expect(exitCode).toBe(0);
    const events = out
      .trim()
      .split("\n")
      .map((line): { type: string; percent?: number } => JSON.parse(line));
    const types = events.map(({ type }) => type);
    expect(types[0]).toBe("started");
    expect(types.slice(-3)).toEqual(["playable", "progress", "succeeded"]);
    const percents = events.flatMap(({ percent }) => (percent === undefined ? [] : [percent]));
    expect(percents.length).toBeGreaterThan(2);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
  }, 180_000);

  test("without a terminal it prints plain lines on stderr and nothing on stdout", async () => {
    await using folder = await scratch();
    const { exitCode, out, err } = await runCommand([
      await media("no-audio.mp4"),
      "--out",
      folder.path,
    ]);
    expect([exitCode, out]).toEqual([0, ""]);
    expect(err).toMatch(/^0:02 of video into 320x180\n/);
    expect(err).toMatch(/Done in 0:0\d: 180p, [0-9.]+ MB\n$/);
    expect(err).not.toContain("\u001b");
  }, 180_000);

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "%s ends it with %d and takes away what it wrote",
    async (name, code) => {
      await using folder = await scratch();
      const out = join(folder.path, "out");
      const child = spawnCommand([await media("noise-10s.mp4"), "--out", out]);
      while (!(await Bun.file(join(out, "v/360/1.m4s")).exists())) await Bun.sleep(5);
      child.kill(name);
      expect(await child.exited).toBe(code);
      expect(await new Response(child.stderr).text()).toContain("Interrupted. [interrupted]");
      expect(await filesBelow(folder.path)).toEqual([]);
    },
    30_000,
  );

  test("an http address works like a file, and gives the same bytes", async () => {
    await using folder = await scratch();
    const source = await media("tiny-10s.mp4");
    const file = Bun.file(source);
    let requests = 0;
    await using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        requests += 1;
        // Every third request fails, as the network does.
        if (requests % 3 === 0) return new Response(null, { status: 503 });
        const range = /bytes=(\d+)-(\d+)/.exec(request.headers.get("range") ?? "");
        if (range === null) return new Response(file);
        const [first, last] = [Number(range[1]), Number(range[2])];
        return new Response(file.slice(first, last + 1), {
          status: 206,
          headers: { "content-range": `bytes ${first}-${last}/${file.size}` },
        });
      },
    });
    const [local, remote] = [join(folder.path, "local"), join(folder.path, "remote")];
    expect((await runCommand([source, "--out", local, "--quiet"])).exitCode).toBe(0);
    const address = new URL("/film.mp4", server.url).href;
    const { exitCode, err } = await runCommand([address, "--out", remote, "--quiet"]);
    expect([exitCode, err]).toEqual([0, ""]);
    const names = await filesBelow(local);
    expect(await filesBelow(remote)).toEqual(names);
    for (const name of names) {
      const [a, b] = await Promise.all(
        [local, remote].map((root) => Bun.file(join(root, name)).bytes()),
      );
      expect([name, Buffer.compare(a ?? new Uint8Array(), b ?? new Uint8Array())]).toEqual([
        name,
        0,
      ]);
    }
  }, 180_000);

  test("an http address that does not exist is no such input", async () => {
    await using folder = await scratch();
    await using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response(null, { status: 404 }),
    });
    const { exitCode, err } = await runCommand([
      new URL("/film.mp4", server.url).href,
      "--out",
      join(folder.path, "out"),
    ]);
    expect(exitCode).toBe(66);
    expect(err).toContain("[source_not_found]");
  }, 180_000);

  test("--help, --version and mistakes", async () => {
    const help = await runCommand(["--help"]);
    expect([help.exitCode, help.err]).toEqual([0, ""]);
    expect(help.out).toContain("--out <folder>");
    const version = await runCommand(["--version"]);
    expect(version.out).toMatch(/^transcoder \d+\.\d+\.\d+ \(\w+\), FFmpeg \d/);
    expect((await runCommand([])).exitCode).toBe(64);
    expect((await runCommand(["film.mp4"])).exitCode).toBe(64);
    expect((await runCommand(["film.mp4", "--out", "x", "--no-such-option"])).exitCode).toBe(64);
  }, 180_000);
});
