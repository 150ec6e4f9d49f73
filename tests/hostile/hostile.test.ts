import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPresentation } from "../conformance/checker/check-presentation.ts";
import { hostileFiles } from "./all-files.ts";
import { type Canaries, setCanaries } from "./canaries.ts";
import type { HostileFile } from "./hostile-file.ts";
import { filesIn, type JobEnd, runJob } from "./run-job.ts";

/**
 * What one hostile file of a few kilobytes may take. An ordinary clip of that size takes half a
 * second of processor, 100 MB and 0.1 MB: these say that nothing runs away, not that it is fast.
 */
const BUDGET = { cpuSeconds: 30, peakBytes: 700_000_000, writtenBytes: 64_000_000 } as const;

/** A process that has not ended by then hangs, on however busy a machine. */
const KILL_AFTER_SECONDS = 240;

/** Exit codes that say the source cannot be used, or that it could. */
const EXPECTED_EXITS = [0, 65];

let canaries: Canaries;
let folder = "";

beforeAll(async () => {
  canaries = await setCanaries();
  folder = await mkdtemp(join(tmpdir(), "sluice-hostile-"));
});

afterAll(async () => {
  await canaries[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

type Trial = { readonly end: JobEnd; readonly wrong: readonly string[] };

/** Runs one file as a job of its own and names everything about it that is not as it has to be. */
const tryFile = async (
  file: HostileFile,
  confinement: "require" | "off" = "require",
): Promise<Trial> => {
  const place = await mkdtemp(join(folder, "job-"));
  const path = (name: string): string => join(place, name);
  try {
    await mkdir(path("temporary"));
    await writeFile(path("source"), await file.make(canaries.bait));
    const end = await runJob({
      source: path("source"),
      output: path("out"),
      temporary: path("temporary"),
      confinement,
      killAfterSeconds: KILL_AFTER_SECONDS,
    });
    const wrong = [
      ...endProblems(end),
      ...(await outputProblems(end, path("out"))),
      ...(await filesIn(path("temporary"))).map((name) => `temporary file left: ${name}`),
    ];
    return { end, wrong };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
};

const endProblems = (end: JobEnd): string[] => {
  const problems: string[] = [];
  if (end.signal !== null) problems.push(`ended by ${end.signal}`);
  if (!EXPECTED_EXITS.includes(end.exitCode ?? -1))
    problems.push(`exit code ${end.exitCode}: ${end.err}`);
  const hasCode = end.last?.type === "failed" && /^source_[a-z_]+$/.test(end.last.code ?? "");
  if (end.exitCode !== 0 && !hasCode) problems.push(`last event ${JSON.stringify(end.last)}`);
  if (end.cpuSeconds > BUDGET.cpuSeconds) problems.push(`${end.cpuSeconds} s of processor`);
  if (end.peakBytes > BUDGET.peakBytes) problems.push(`${end.peakBytes} bytes of memory`);
  if (end.writtenBytes > BUDGET.writtenBytes) problems.push(`${end.writtenBytes} bytes written`);
  return problems;
};

/** What makes a presentation visible; segments of a failed attempt are the api's to sweep. */
const VISIBLE = ["manifest.mpd", "master.m3u8", "presentation.json", "result.json"];

/** A failed job leaves nothing visible; a successful one a conformant presentation that holds no secret. */
const outputProblems = async (end: JobEnd, output: string): Promise<string[]> => {
  const files = await filesIn(output);
  if (end.exitCode !== 0) {
    return files.filter((name) => VISIBLE.includes(name)).map((name) => `left behind: ${name}`);
  }
  const problems = (await checkPresentation(output)).map(
    ({ file, message }) => `${file}: ${message}`,
  );
  for (const name of files) {
    if ((await readFile(join(output, name))).includes(canaries.secret))
      problems.push(`the canary's content is in ${name}`);
  }
  return problems;
};

/** As many at once as the machine has processors, and one that waits for the disk. */
const AT_ONCE = navigator.hardwareConcurrency + 1;

const tryAll = async (
  files: readonly HostileFile[],
  confinement?: "off",
): Promise<Record<string, readonly string[]>> => {
  const wrong: Record<string, readonly string[]> = {};
  const queue = [...files];
  const work = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const trial = await tryFile(file, confinement);
      if (trial.wrong.length > 0) wrong[file.name] = trial.wrong;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return wrong;
};

/** For the slowest machine that tests run on; nothing is proven by it. */
const TEST_LIMIT_MS = 1_800_000;

test("there are at least two hundred, each of its own name", () => {
  const names = Object.values(hostileFiles)
    .flat()
    .map(({ name }) => name);
  expect(names.length).toBeGreaterThanOrEqual(200);
  expect(new Set(names).size).toBe(names.length);
});

test("the canaries notice whoever comes", async () => {
  expect(canaries.touched()).toEqual({ opens: 0, connections: 0, datagrams: 0 });
  expect(await readFile(canaries.bait.path, "utf8")).toContain(canaries.secret);
  await fetch(canaries.bait.url).catch(() => null);
  const { opens, connections } = canaries.touched();
  expect(opens).toBeGreaterThan(0);
  expect(connections).toBeGreaterThan(0);
});

describe("within its budget, with a stable code, touching nothing else:", () => {
  for (const [kind, files] of Object.entries(hostileFiles)) {
    test(
      `${kind} (${files.length})`,
      async () => {
        expect(await tryAll(files)).toEqual({});
        expect(canaries.touched()).toEqual({ opens: 0, connections: 0, datagrams: 0 });
      },
      TEST_LIMIT_MS,
    );
  }

  test(
    "files that point elsewhere, without confinement",
    async () => {
      expect(await tryAll(hostileFiles["files that point elsewhere"] ?? [], "off")).toEqual({});
      expect(canaries.touched()).toEqual({ opens: 0, connections: 0, datagrams: 0 });
    },
    TEST_LIMIT_MS,
  );
});
