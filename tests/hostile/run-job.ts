import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type ReportedEvent, startJobApi } from "../fixtures/job-api.ts";

const entry = resolve(import.meta.dir, "../../src/transcoder/index.ts");

/** How often a process's figures are read. */
const SAMPLE_MS = 20;

/** Jiffies a second, which Linux has kept at 100 for programs (proc_pid_stat(5), sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100;

export type JobEnd = {
  readonly exitCode: number | null;
  /** Null unless a signal ended it. */
  readonly signal: string | null;
  readonly err: string;
  readonly last: ReportedEvent | undefined;
  readonly cpuSeconds: number;
  /** Most memory it held at once (VmHWM), in bytes. */
  readonly peakBytes: number;
  /** Everything it wrote, pipes included, in bytes. */
  readonly writtenBytes: number;
};

export type JobOptions = {
  readonly source: string;
  readonly output: string;
  /** Scratch folder of the process. */
  readonly temporary: string;
  readonly confinement: "require" | "off";
  /** Seconds after which it is killed, and counts as hung. */
  readonly killAfterSeconds: number;
};

/** Runs `transcoder job` and watches what it takes. */
export const runJob = async (options: JobOptions): Promise<JobEnd> => {
  await using api = startJobApi({ source: options.source, output: options.output });
  const child = Bun.spawn([process.execPath, entry, "job"], {
    env: {
      PATH: "/usr/bin:/bin",
      ...api.env,
      SLUICE_CONFINEMENT: options.confinement,
      TMPDIR: options.temporary,
    },
    stdout: "ignore",
    stderr: "pipe",
  });
  const figures = { cpuSeconds: 0, peakBytes: 0, writtenBytes: 0 };
  const sampler = setInterval(() => void sample(child.pid, figures), SAMPLE_MS);
  const killer = setTimeout(() => child.kill("SIGKILL"), options.killAfterSeconds * 1000);
  try {
    const [err] = await Promise.all([new Response(child.stderr).text(), child.exited]);
    const { exitCode } = child;
    const signalCode = child.signalCode === null ? null : String(child.signalCode);
    return { exitCode, signal: signalCode, err, last: api.events.at(-1), ...figures };
  } finally {
    clearInterval(sampler);
    clearTimeout(killer);
  }
};

const sample = async (
  pid: number,
  figures: { cpuSeconds: number; peakBytes: number; writtenBytes: number },
): Promise<void> => {
  const read = (name: string): Promise<string> =>
    readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");
  const [status, stat, io] = await Promise.all([read("status"), read("stat"), read("io")]);
  const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  figures.peakBytes = Math.max(figures.peakBytes, peak);
  // Behind the name in parentheses: state is field 3, utime and stime are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  figures.cpuSeconds = Math.max(figures.cpuSeconds, ticks / TICKS_PER_SECOND);
  const written = Number(/^wchar: (\d+)/m.exec(io)?.[1] ?? 0);
  figures.writtenBytes = Math.max(figures.writtenBytes, written);
};

/** Every file below a folder, by relative name; empty when there is no such folder. */
export const filesIn = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((each) => !each.isDirectory())
    .map((each) => join(each.parentPath, each.name).slice(folder.length + 1))
    .sort();
};
