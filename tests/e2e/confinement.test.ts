import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { checkConfinement } from "../fixtures/confinement-checks.ts";
import { testClip } from "./support/clips.ts";
import { emptyFolder, executable, freePort, startPlatform } from "./support/platform.ts";

describe("the compiled transcoder", () => {
  checkConfinement([executable("transcoder")], () => testClip({ seconds: 2, height: 180 }));
});

const withoutLandlock = resolve(import.meta.dir, "../fixtures/without-landlock.ts");

/** Runs the api on a kernel that refuses Landlock, until it ends or is ready. */
const startRefused = async (cwd: string, env: Readonly<Record<string, string>>) => {
  const port = await freePort();
  const child = Bun.spawn([process.execPath, withoutLandlock, executable("api")], {
    cwd,
    env: { PORT: String(port), INTERNAL_PORT: "0", ...env },
    stdout: Bun.file(`${cwd}/out.txt`),
    stderr: Bun.file(`${cwd}/err.txt`),
  });
  const ask = async () => {
    while (child.exitCode === null) {
      const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
      if (answer?.ok) return (await answer.json()) as { checks: { confinement: string } };
      await Bun.sleep(25);
    }
    return null;
  };
  const ready = await ask();
  child.kill("SIGTERM");
  const exitCode = await child.exited;
  const said =
    (await Bun.file(`${cwd}/out.txt`).text()) + (await Bun.file(`${cwd}/err.txt`).text());
  return { ready, exitCode, said };
};

describe("the api", () => {
  test("says in /health/ready that transcoders are confined, and has nothing to warn of", async () => {
    const folder = await emptyFolder();
    const platform = await startPlatform({
      cwd: folder.path,
      env: { TRANSCODER_CONFINEMENT: "require" },
    });
    const { checks } = await (await fetch(`${platform.url}/health/ready`)).json();
    expect(checks.confinement).toMatch(/^landlock \d+$/);
    expect(await platform.stop()).toBe(0);
    expect(platform.output()).not.toContain("CONFINED");
    await folder.dispose();
  }, 120_000);

  test("warns in the log and in /health/ready where the kernel refuses", async () => {
    const folder = await emptyFolder();
    const { ready, exitCode, said } = await startRefused(folder.path, {});
    expect([ready?.checks.confinement, exitCode]).toEqual(["none: no landlock", 0]);
    const line = said.split("\n").find((each) => each.includes("NOT FULLY CONFINED"));
    expect(JSON.parse(line ?? "{}")).toMatchObject({ level: expect.anything() });
    await folder.dispose();
  }, 120_000);

  test("does not start where the kernel refuses and confinement is required", async () => {
    const folder = await emptyFolder();
    const required = { TRANSCODER_CONFINEMENT: "require" };
    const { ready, exitCode, said } = await startRefused(folder.path, required);
    expect([ready, exitCode]).toEqual([null, 78]);
    expect(said).toContain("TRANSCODER_CONFINEMENT");
    await folder.dispose();
  }, 120_000);
});
