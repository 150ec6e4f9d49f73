/**
 * Time from starting the compiled api until it is ready, in an empty folder and again in the same
 * one, and its memory when nobody asks anything of it.
 *
 *     bun run build && bun bench/api-start.ts [--rounds 5]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApi } from "./harness/api-process.ts";
import { residentBytes } from "./harness/process-status.ts";
import { mebibytes, roundTo3, table, verdict, writeSection } from "./harness/report.ts";
import { median, roundsFromCommandLine } from "./harness/rounds.ts";

const GOAL = { firstSeconds: 3, laterSeconds: 1.5, idleMebibytes: 450 } as const;

/** Idle memory is read this long after it was ready. */
const SETTLE_MS = 5000;

type Start = { readonly seconds: number; readonly idleMebibytes: number };

const measureStart = async (dataDir: string): Promise<Start> => {
  const api = await startApi(dataDir);
  await Bun.sleep(SETTLE_MS);
  const idleMebibytes = mebibytes(await residentBytes(api.pid));
  await api.stop();
  return { seconds: api.startSeconds, idleMebibytes };
};

const rounds = roundsFromCommandLine(5);
const first: Start[] = [];
const later: Start[] = [];
for (let round = 0; round < rounds; round += 1) {
  process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  const folder = await mkdtemp(join(tmpdir(), "sluice-bench-start-"));
  first.push(await measureStart(join(folder, "data")));
  later.push(await measureStart(join(folder, "data")));
  await rm(folder, { recursive: true, force: true });
}

const seconds = (starts: readonly Start[]): number[] => starts.map((start) => start.seconds);
const idle = (starts: readonly Start[]): number[] => starts.map((start) => start.idleMebibytes);
const worst = (values: readonly number[]): number => Math.max(...values);
const row = (name: string, starts: readonly Start[]): string[] => [
  name,
  ...[median(seconds(starts)), worst(seconds(starts))].map(roundTo3),
  ...[median(idle(starts)), worst(idle(starts))].map((value) => value.toFixed(0)),
];

await writeSection({
  id: "api-start",
  title: "Starting the api in embedded mode",
  command: `bun bench/api-start.ts --rounds ${rounds}`,
  programs: [],
  body: `
\`dist/api\` without settings but its ports and folder, from spawning it until \`/health/ready\` answers
200; the executable is in the page cache. Idle RSS is read ${SETTLE_MS / 1000} s later.

${table([
  ["start", "median s", "worst s", "idle RSS median MiB", "worst MiB"],
  row("first, empty folder", first),
  row("later", later),
])}

${verdict("median first start", median(seconds(first)), "below", GOAL.firstSeconds, " s")}
${verdict("median later start", median(seconds(later)), "below", GOAL.laterSeconds, " s")}
${verdict("worst idle RSS", worst([...idle(first), ...idle(later)]), "below", GOAL.idleMebibytes, " MiB")}

Raw, s / idle MiB by round:

${[["first", first] as const, ["later", later] as const]
  .map(
    ([name, starts]) =>
      `- ${name}: ${starts.map((s) => `${roundTo3(s.seconds)} / ${s.idleMebibytes.toFixed(0)}`).join("; ")}`,
  )
  .join("\n")}
`,
});
