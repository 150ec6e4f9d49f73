/**
 * Runs the compiled executables the way a person would: in an empty folder, with nothing on the
 * path and nothing set but what the test says. These tests import nothing from `src/`.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const dist = resolve(import.meta.dir, "../../../dist");
export const executable = (name: "api" | "consumer" | "transcoder"): string => join(dist, name);

/** First start: unpacks the addon-free api and the database seed; a busy machine takes its time. */
const READY_TIMEOUT_MS = 60_000;

export type Running = {
  readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  /** Everything printed so far, both streams. */
  readonly output: () => string;
};

export type Platform = Running & {
  /** Base address of page and API. */
  readonly url: string;
  readonly internalUrl: string;
  readonly dataDir: string;
  /** Asks it to stop and waits. @returns the exit code */
  stop(): Promise<number>;
  /** The newest six-digit code that was mailed to the address. */
  code(email: string): Promise<string>;
};

/** An empty folder that is removed by `dispose`. */
export const emptyFolder = async (): Promise<{ path: string; dispose: () => Promise<void> }> => {
  const path = await mkdtemp(join(tmpdir(), "sluice-e2e-"));
  return { path, dispose: () => rm(path, { recursive: true, force: true }) };
};

/** Starts an executable with a bare environment and collects what it prints. */
export const run = (options: {
  name: "api" | "consumer" | "transcoder";
  args?: readonly string[];
  cwd: string;
  env?: Readonly<Record<string, string>>;
}): Running => {
  const child = Bun.spawn([executable(options.name), ...(options.args ?? [])], {
    cwd: options.cwd,
    env: { PATH: "/usr/bin:/bin", ...options.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let text = "";
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
    }
  };
  void collect(child.stdout);
  void collect(child.stderr);
  return { process: child, output: () => text };
};

/** Runs an executable to its end. */
export const runToEnd = async (
  options: Parameters<typeof run>[0],
): Promise<{ exitCode: number; output: string }> => {
  const running = run(options);
  const exitCode = await running.process.exited;
  await Bun.sleep(20); // the last chunk of a pipe arrives after the exit
  return { exitCode, output: running.output() };
};

/** Starts `dist/api` and waits until it is ready. @param options.cwd reuse a folder to start again on its data, and set PORT: tokens name the address */
export const startPlatform = async (options: {
  cwd: string;
  env?: Readonly<Record<string, string>>;
}): Promise<Platform> => {
  const ports = { PORT: String(await freePort()), INTERNAL_PORT: String(await freePort()) };
  const env = { ...ports, ...options.env };
  const running = run({ name: "api", cwd: options.cwd, env });
  const url = `http://127.0.0.1:${env.PORT}`;
  await untilReady(url, running);
  const dataDir = join(options.cwd, "data");
  return {
    ...running,
    url,
    internalUrl: `http://127.0.0.1:${env.INTERNAL_PORT}`,
    dataDir,
    stop: async () => {
      running.process.kill("SIGTERM");
      return await running.process.exited;
    },
    code: (email) =>
      eventually(`a code for ${email}`, () => newestCode(join(dataDir, "mail"), email), 15),
  };
};

const untilReady = async (url: string, { process, output }: Running): Promise<void> => {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (process.exitCode !== null) {
      throw new Error(`the api ended with ${process.exitCode}:\n${output()}`);
    }
    const answer = await fetch(`${url}/health/ready`).catch(() => null);
    if (answer?.ok) {
      return;
    }
    await Bun.sleep(25);
  }
  process.kill("SIGKILL");
  throw new Error(`the api did not become ready:\n${output()}`);
};

/** Null while no mail to the address has come; mails are written after the answer to the request. */
const newestCode = async (folder: string, email: string): Promise<string | null> => {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.sort().reverse()) {
    const text = await readFile(join(folder, name), "utf8");
    const code = text.includes(`To: ${email}`) ? /\b\d{6}\b/.exec(text)?.[0] : undefined;
    if (code) {
      return code;
    }
  }
  return null;
};

export const freePort = (): Promise<number> =>
  new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });

/** Asks until `probe` gives something; says what it waited for when it never does. */
export const eventually = async <T>(
  what: string,
  probe: () => Promise<T | null | undefined | false>,
  withinSeconds: number,
): Promise<T> => {
  const deadline = performance.now() + withinSeconds * 1000;
  while (performance.now() < deadline) {
    const found = await probe();
    if (found) {
      return found;
    }
    await Bun.sleep(100);
  }
  throw new Error(`waited ${withinSeconds} s in vain: ${what}`);
};
