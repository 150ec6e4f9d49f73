import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import type { LaunchExit, Launcher } from "../../src/launcher/index.ts";
import { openProcessLauncher } from "../../src/launcher/process.ts";
import { JOB_ID, kindOf, launcherContract, launchRequest } from "./launcher-suite.ts";

/** Fixture programs speak for themselves; what they leave in the folder is the evidence. */
const programs = {
  report: `await Bun.write("seen.json", JSON.stringify({ env: process.env, args: process.argv.slice(2), pid: process.pid }));`,
  sleep: `await Bun.write("up", ""); await Bun.sleep(60_000);`,
  stubborn: `process.on("SIGTERM", () => {}); await Bun.write("up", ""); await Bun.sleep(60_000);`,
  parent: `Bun.spawn([process.execPath, "sleep.ts"]); await Bun.sleep(60_000);`,
  exit65: `process.exit(65);`,
  crash: `process.kill(process.pid, "SIGSEGV"); await Bun.sleep(1_000);`,
  print: `console.log("one\\n\\ntwo"); console.error("x".repeat(5_000)); for (let i = 0; i < 2_000; i++) console.log("many");`,
};

describe("the launcher port: process, contract", () => {
  launcherContract(async (command) => {
    const openIt = () =>
      openProcessLauncher({
        command,
        confinement: "off",
        capacity: 2,
        internalUrl: "http://127.0.0.1:9",
        heartbeatSeconds: 5,
        environment: { ...process.env, DATABASE_URL: "secret", SLUICE_SECRET: "secret" },
        log: pino({ enabled: false }),
        stopSeconds: 0.3,
      });
    const launcher = openIt();
    const refs: string[] = [];
    const { promise, resolve } = Promise.withResolvers<LaunchExit>();
    launcher.onExit(resolve);
    return {
      launcher: {
        ...launcher,
        launch: async (request) => {
          const ref = await launcher.launch(request);
          refs.push(ref);
          return ref;
        },
      },
      another: openIt,
      ended: () => promise,
      close: async () => {
        await Promise.all(refs.map((ref) => launcher.stop(ref)));
        await launcher.close();
      },
    };
  });
});

describe("the launcher port: process", () => {
  let folder: string;
  let launchers: Launcher[];
  let refs: string[];
  let logged: Record<string, unknown>[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-launcher-"));
    for (const [name, source] of Object.entries(programs)) {
      const text = source
        .replaceAll('write("', `write("${folder}/`)
        .replace('"sleep.ts"', `"${folder}/sleep.ts"`);
      await writeFile(join(folder, `${name}.ts`), text);
    }
    launchers = [];
    refs = [];
    logged = [];
  });
  afterEach(async () => {
    await Promise.all(refs.map((ref) => launchers[0]?.stop(ref)));
    await Promise.all(launchers.map((launcher) => launcher.close()));
    await rm(folder, { recursive: true, force: true });
  });

  const open = (program: keyof typeof programs) => {
    const launcher = openProcessLauncher({
      command: [process.execPath, join(folder, `${program}.ts`)],
      confinement: "off",
      capacity: 2,
      internalUrl: "http://127.0.0.1:9",
      heartbeatSeconds: 5,
      environment: { ...process.env, DATABASE_URL: "secret", SLUICE_SECRET: "secret" },
      log: pino({}, { write: (line) => logged.push(JSON.parse(line)) }),
      stopSeconds: 0.3,
    });
    launchers.push(launcher);
    const exits: LaunchExit[] = [];
    const exited = new Promise<LaunchExit>((resolve) => {
      launcher.onExit((exit) => {
        exits.push(exit);
        resolve(exit);
      });
    });
    const launch = async (attempt = 1) => {
      const ref = await launcher.launch({ ...launchRequest, attempt });
      refs.push(ref);
      return ref;
    };
    return { launcher, launch, exited, exits };
  };
  const up = async () => {
    while (!(await Bun.file(join(folder, "up")).exists())) {
      await Bun.sleep(10);
    }
  };

  test("it is seen running, also by another launcher, until it is stopped", async () => {
    const { launcher, launch, exited } = open("sleep");
    const ref = await launch();
    await up();
    const afterRestart = open("sleep").launcher;
    expect(await kindOf(launcher, ref)).toBe("running");
    expect(await kindOf(afterRestart, ref)).toBe("running");
    await afterRestart.stop(ref);
    expect(await kindOf(launcher, ref)).toBe("exited");
    expect(await exited).toMatchObject({ exitCode: null, signal: "SIGTERM", code: "interrupted" });
    await launcher.stop(ref);
  });

  test("one that ignores the request to stop is killed, and so are its children", async () => {
    const { launcher, launch, exited } = open("stubborn");
    const ref = await launch();
    await up();
    await launcher.stop(ref);
    expect(await exited).toMatchObject({ signal: "SIGKILL" });

    await rm(join(folder, "up"));
    const family = open("parent");
    const parent = await family.launch();
    await up();
    await family.launcher.stop(parent);
    const group = parent.split("/")[0];
    const members = await Promise.all(
      (await readdir("/proc"))
        .filter((name) => /^\d+$/.test(name))
        .map(async (pid) => {
          const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
          const [state, , pgrp] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
          return pgrp === group && state !== "Z";
        }),
    );
    expect(members).not.toContain(true);
  });

  test("a recycled process id is not mistaken for the transcoder, and never signalled", async () => {
    const { launcher, launch } = open("sleep");
    const ref = await launch();
    const [pid, start, boot] = ref.split("/");
    const recycled = `${pid}/${Number(start) - 1}/${boot}`;
    expect(await kindOf(launcher, recycled)).toBe("exited");
    await launcher.stop(recycled);
    expect(await kindOf(launcher, ref)).toBe("running");
  });

  test("nothing is claimed to be known of another machine's process", async () => {
    const { launcher } = open("sleep");
    expect(await kindOf(launcher, `${process.pid}/1/other-machine`)).toBe("lost");
    expect(await kindOf(launcher, "nonsense")).toBe("lost");
    await launcher.stop("nonsense");
  });

  test("exit codes and crashes are told apart, each with a sentence", async () => {
    const refused = open("exit65");
    await refused.launch();
    expect(await refused.exited).toMatchObject({ exitCode: 65, signal: null, code: null });
    const crashed = open("crash");
    await crashed.launch();
    const exit = await crashed.exited;
    expect(exit).toMatchObject({ exitCode: null, signal: "SIGSEGV", code: "transcoder_crashed" });
    expect(exit.reason).toBe(
      "The transcoder stopped unexpectedly: it crashed with a memory error (SIGSEGV).",
    );
  });

  test("what it prints is logged with the job, bounded in length and number", async () => {
    const { launch, exited } = open("print");
    await launch();
    await exited;
    while (!logged.some(({ msg }) => String(msg).includes("prints too much"))) {
      await Bun.sleep(10);
    }
    const output = logged.filter(({ msg }) => msg === "transcoder output");
    expect(output.slice(0, 2).map(({ line }) => line)).toEqual(["one", "two"]);
    expect(output.every(({ jobId, attempt }) => jobId === JOB_ID && attempt === 1)).toBe(true);
    const long = output.find(({ stream }) => stream === "stderr");
    expect(String(long?.line)).toHaveLength(2_000);
    expect(output.length).toBeLessThan(600);
  });

  test("it runs in a process group of its own, every thread at a lower priority", async () => {
    const { launch } = open("sleep");
    const [pid] = (await launch()).split("/");
    await up();
    const threads = await readdir(`/proc/${pid}/task`);
    const stats = await Promise.all(
      threads.map(async (thread) => {
        const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return { group: fields[2], niceness: fields[16] };
      }),
    );
    expect(new Set(stats.map(({ niceness }) => niceness))).toEqual(new Set(["10"]));
    expect(new Set(stats.map(({ group }) => group))).toEqual(new Set([pid]));
  });

  test("a missing or unusable executable is its own error and names the path", async () => {
    const log = pino({ enabled: false });
    const internalUrl = "http://127.0.0.1:9";
    const shared = {
      confinement: "off",
      capacity: 1,
      internalUrl,
      heartbeatSeconds: 5,
      environment: {},
      log,
    } as const;
    const missing = openProcessLauncher({ ...shared, command: [join(folder, "absent")] });
    await expect(missing.launch(launchRequest)).rejects.toMatchObject({
      code: "transcoder_missing",
      message: expect.stringContaining(join(folder, "absent")),
    });
    const broken = join(folder, "broken");
    await writeFile(broken, "#!/no/such/interpreter\n", { mode: 0o755 });
    const unusable = openProcessLauncher({ ...shared, command: [broken] });
    await expect(unusable.launch(launchRequest)).rejects.toMatchObject({ code: "launch_failed" });
  });
});
