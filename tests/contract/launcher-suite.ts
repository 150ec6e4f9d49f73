/** What every adapter of the launcher port must do; the files that call this open the adapter. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LaunchEnd, Launcher, LaunchRequest } from "../../src/launcher/index.ts";
import { readJobSettings } from "../../src/transcoder/job-settings.ts";

export const JOB_ID = "01934f2e-5b1c-7d3e-9a4f-0123456789ab";
export const launchRequest: LaunchRequest = {
  jobId: JOB_ID,
  attempt: 1,
  token: "token",
  sourceBytes: 1_000_000,
  failedAttempts: 0,
};

/** Fixture programs speak for themselves; what they leave in the folder is the evidence. */
const programs = {
  report: `await Bun.write("seen.json", JSON.stringify({ env: process.env, args: process.argv.slice(2) }));`,
  sleep: `await Bun.write("up", ""); await Bun.sleep(60_000);`,
  exit65: `process.exit(65);`,
};
type Program = keyof typeof programs;

export type OpenedLauncher = {
  readonly launcher: Launcher;
  /** The adapter as another process opens it, on the same platform. */
  another(): Launcher;
  /** Resolves with the end of the transcoder, however the adapter tells of it. */
  ended(ref: string): Promise<LaunchEnd>;
  close(): Promise<void>;
};

/** What the launcher knows of one reference. */
export const kindOf = async (launcher: Launcher, ref: string) =>
  (await launcher.inspect([ref])).get(ref)?.kind;

/** Waits for a state, which some platforms take their time to tell. */
export const until = async (met: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await met())) {
    await Bun.sleep(20);
  }
};

/**
 * Defines the tests; call it within a `describe`.
 * @param open opens the adapter so that it runs `command`
 */
export const launcherContract = (
  open: (command: readonly [string, ...string[]]) => Promise<OpenedLauncher>,
): void => {
  let folder: string;
  let opened: OpenedLauncher;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-launcher-"));
    for (const [name, source] of Object.entries(programs)) {
      await writeFile(join(folder, `${name}.ts`), source.replace('write("', `write("${folder}/`));
    }
  });
  afterEach(async () => {
    await opened.close();
    await rm(folder, { recursive: true, force: true });
  });
  const run = async (program: Program) => {
    opened = await open([process.execPath, join(folder, `${program}.ts`)]);
    return opened;
  };
  const isUp = () => Bun.file(join(folder, "up")).exists();

  test("a transcoder gets its job, all that it reads and nothing secret", async () => {
    const { launcher, ended } = await run("report");
    const ref = await launcher.launch({ ...launchRequest, attempt: 3 });
    expect(await ended(ref)).toMatchObject({ exitCode: 0, signal: null, code: null });
    const { env, args } = await Bun.file(join(folder, "seen.json")).json();
    expect(args).toEqual(["job"]);
    expect(readJobSettings(env)).toEqual({
      settings: {
        apiUrl: "http://127.0.0.1:9",
        jobId: JOB_ID,
        attempt: 3,
        token: "token",
        heartbeatSeconds: 5,
        watchdogSeconds: 120,
        confinement: "off",
      },
    });
    expect(JSON.stringify(env)).not.toContain("secret");
  });

  test("it is seen running, also by another launcher, until it is stopped", async () => {
    const { launcher, another, ended } = await run("sleep");
    const ref = await launcher.launch(launchRequest);
    await until(isUp);
    const afterRestart = another();
    expect(await kindOf(launcher, ref)).toBe("running");
    expect(await kindOf(afterRestart, ref)).toBe("running");
    await afterRestart.stop(ref);
    expect(await ended(ref)).toMatchObject({ code: "interrupted", after: "count" });
    await until(async () => (await kindOf(launcher, ref)) === "exited");
    expect(await launcher.stop(ref)).toBe("gone");
    await afterRestart.close();
  });

  test("a repeated launch of the same attempt starts no second transcoder, and is found", async () => {
    const { launcher } = await run("sleep");
    const [first, second] = await Promise.all([
      launcher.launch(launchRequest),
      launcher.launch(launchRequest),
    ]);
    expect(second).toBe(first);
    expect(await launcher.find(launchRequest)).toBe(first);
    expect(await launcher.launch({ ...launchRequest, attempt: 2 })).not.toBe(first);
    expect(await launcher.find({ ...launchRequest, attempt: 3 })).toBeNull();
  });

  test("exit codes are told, each with a sentence", async () => {
    const { launcher, ended } = await run("exit65");
    const ref = await launcher.launch(launchRequest);
    const end = await ended(ref);
    expect(end).toMatchObject({ exitCode: 65, signal: null, code: null, after: "count" });
    expect(end.reason).toMatch(/^The transcoder ended with exit code 65/);
  });

  test("nothing is claimed to be known of what is another's", async () => {
    const { launcher } = await run("sleep");
    expect(await kindOf(launcher, "nonsense")).toBe("lost");
    expect(await launcher.stop("nonsense")).toBe("gone");
    expect(await launcher.inspect([])).toEqual(new Map());
  });
};
