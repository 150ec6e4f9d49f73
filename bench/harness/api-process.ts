import { join } from "node:path";
import { freePort } from "./free-port.ts";

/** The compiled api, running in embedded mode. */
export type ApiProcess = {
  /** Base URL, no trailing slash. */
  readonly url: string;
  /** From spawning it until `/health/ready` first said so. */
  readonly startSeconds: number;
  readonly pid: number;
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>;
};

const executable = join(import.meta.dir, "../../dist/api");

/** Sends the next question this long after the last answer. */
const POLL_MS = 5;
const START_LIMIT_MS = 60_000;

/** Starts `dist/api` on free ports with its data in `dataDir` and waits until it is ready. */
export const startApi = async (dataDir: string): Promise<ApiProcess> => {
  const [port, internalPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  const child = Bun.spawn([executable], {
    env: {
      PATH: process.env.PATH ?? "",
      DATA_DIR: dataDir,
      PORT: String(port),
      INTERNAL_PORT: String(internalPort),
      LOG_LEVEL: "warn",
    },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  while (!(await isReady(url))) {
    const waitedMs = performance.now() - startedAt;
    if (child.exitCode !== null || waitedMs > START_LIMIT_MS) {
      child.kill("SIGKILL");
      throw new Error(`dist/api was not ready after ${(waitedMs / 1000).toFixed(1)} s`);
    }
    await Bun.sleep(POLL_MS);
  }
  return {
    url,
    startSeconds: (performance.now() - startedAt) / 1000,
    pid: child.pid,
    stop: async () => {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
};

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/health/ready`)).ok;
  } catch {
    return false; // not listening yet
  }
};
