import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmod, mkdir, symlink } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { emptyFolder, executable, freePort, runToEnd, startPlatform } from "./support/platform.ts";

let folder: Awaited<ReturnType<typeof emptyFolder>>;
beforeEach(async () => {
  folder = await emptyFolder();
});
afterEach(() => folder.dispose());

describe.each(["api", "consumer", "transcoder"] as const)("%s", (name) => {
  test("--version names version and commit", async () => {
    const { exitCode, output } = await runToEnd({ name, args: ["--version"], cwd: folder.path });
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^(sluice-)?\w+ \d+\.\d+\.\d+ \(?[0-9a-f]{12}/);
  });

  test("--help says what it takes", async () => {
    const { exitCode, output } = await runToEnd({ name, args: ["--help"], cwd: folder.path });
    expect(exitCode).toBe(0);
    expect(output).toContain("--check");
  });

  test("an unknown option is a usage error that points to --help", async () => {
    const { exitCode, output } = await runToEnd({ name, args: ["--frobnicate"], cwd: folder.path });
    expect(exitCode).toBe(64);
    expect(output).toContain("--help");
  });
});

test("api --check reports every bad setting at once and exits 78", async () => {
  const env = { PORT: "http", SIGN_UP: "perhaps", LEASE_SECONDS: "0" };
  const { exitCode, output } = await runToEnd({
    name: "api",
    args: ["--check"],
    cwd: folder.path,
    env,
  });
  expect(exitCode).toBe(78);
  for (const setting of Object.keys(env)) {
    expect(output).toContain(setting);
  }
});

test("api --check is content without any setting", async () => {
  const { exitCode } = await runToEnd({ name: "api", args: ["--check"], cwd: folder.path });
  expect(exitCode).toBe(0);
});

test("the consumer by itself says that it needs a PostgreSQL server", async () => {
  const { exitCode, output } = await runToEnd({ name: "consumer", cwd: folder.path });
  expect(exitCode).toBe(78);
  expect(output).toContain("DATABASE_URL");
});

test("a data folder that cannot be written is named, with what to do", async () => {
  await Bun.write(join(folder.path, "data"), "a file where the folder should be");
  const { exitCode, output } = await runToEnd({ name: "api", cwd: folder.path });
  expect(exitCode).toBe(78);
  expect(output).toContain("DATA_DIR");
});

test("a port in use is named, with what to do", async () => {
  const port = await freePort();
  const holder: Server = createServer().listen(port, "127.0.0.1");
  try {
    const { exitCode, output } = await runToEnd({
      name: "api",
      cwd: folder.path,
      env: { PORT: String(port), INTERNAL_PORT: "0" },
    });
    expect(exitCode).toBe(69);
    expect(output).toContain(`${port}`);
    expect(output).toContain("PORT");
  } finally {
    holder.close();
  }
});

test("a missing transcoder is said at the start, with what to do", async () => {
  const env = { TRANSCODER_PATH: join(folder.path, "nowhere") };
  const { exitCode, output } = await runToEnd({ name: "api", cwd: folder.path, env });
  expect(exitCode).toBe(78);
  expect(output).toContain("TRANSCODER_PATH");
});

test("a second api on the same data folder is refused, and the first one goes on", async () => {
  const first = await startPlatform({ cwd: folder.path });
  try {
    const { exitCode, output } = await runToEnd({
      name: "api",
      cwd: folder.path,
      env: { PORT: String(await freePort()), INTERNAL_PORT: "0" },
    });
    expect(exitCode).toBe(78);
    expect(output).toContain("Another Sluice process");
    expect((await fetch(`${first.url}/health/ready`)).status).toBe(200);
  } finally {
    expect(await first.stop()).toBe(0);
  }
});

test("the api starts again on its data after kill -9", async () => {
  const first = await startPlatform({ cwd: folder.path });
  first.process.kill("SIGKILL");
  await first.process.exited;
  const second = await startPlatform({ cwd: folder.path });
  expect(await second.stop()).toBe(0);
});

test("the api finds the transcoder beside it, also through a link in another folder", async () => {
  const bin = join(folder.path, "bin");
  await mkdir(bin);
  await symlink(executable("api"), join(bin, "api"));
  await chmod(bin, 0o755);
  const child = Bun.spawn([join(bin, "api"), "--check"], {
    cwd: folder.path,
    env: {},
    stdout: "ignore",
    stderr: "pipe",
  });
  expect(await child.exited).toBe(0);
});

test("secrets lie in the data folder for the owner alone", async () => {
  const platform = await startPlatform({ cwd: folder.path });
  try {
    const modes = await Promise.all(
      [".", "secret"].map(
        async (name) => (await Bun.file(join(platform.dataDir, name)).stat()).mode & 0o777,
      ),
    );
    expect(modes).toEqual([0o700, 0o600]);
  } finally {
    await platform.stop();
  }
});

test("SIGINT ends the api cleanly, and its ports are free at once", async () => {
  const platform = await startPlatform({ cwd: folder.path });
  platform.process.kill("SIGINT");
  expect(await platform.process.exited).toBe(0);
  expect(await fetch(`${platform.url}/health/live`).catch(() => "refused")).toBe("refused");
});

test("metrics are on the internal port and not on the public one", async () => {
  const platform = await startPlatform({ cwd: folder.path });
  try {
    const metrics = await fetch(`${platform.internalUrl}/metrics`);
    expect(await metrics.text()).toContain("sluice_jobs{");
    expect((await fetch(`${platform.url}/metrics`)).status).toBe(404);
    expect(
      (await fetch(`${platform.url}/internal/jobs/019abc00-0000-7000-8000-000000000000`)).status,
    ).toBe(404);
  } finally {
    await platform.stop();
  }
});

test("the API is described, and its bounds hold, in the executable as in the source", async () => {
  const platform = await startPlatform({ cwd: folder.path });
  try {
    const description = await fetch(`${platform.url}/openapi/json`);
    expect(description.status).toBe(200);
    expect(Object.keys((await description.json()).paths).length).toBeGreaterThan(20);
    // Elysia tells this failure by the name of its class, which a minifier must not change.
    const page = await fetch(`${platform.url}/videos?scope=public&limit=1000`);
    expect([page.status, (await page.json()).code]).toEqual([422, "validation_failed"]);
    const long = await fetch(`${platform.url}/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: "a@example.org", password: "x".repeat(1024 ** 2) }),
    });
    expect([long.status, (await long.json()).code]).toEqual([413, "body_too_large"]);
  } finally {
    await platform.stop();
  }
});
