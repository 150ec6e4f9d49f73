/**
 * What the extras of a transcode cost in CPU time: thumbnails, quality figures and loudness, against
 * the plain ladder with its sound. One process per run; the plan is the product's, with parts left out.
 *
 *     bun bench/extras.ts [--rounds 5]
 */

import { join } from "node:path";
import { type Cost, measureCommand } from "./harness/cost.ts";
import { realClip } from "./harness/real-clip.ts";
import { roundTo3, table, verdict, writeSection } from "./harness/report.ts";
import { median, roundsFromCommandLine, runInterleaved } from "./harness/rounds.ts";

/** All extras together, to the plain ladder (a goal of the project). */
const GOAL = 1.1;

const run = (...extras: readonly string[]): Promise<Cost> =>
  measureCommand([process.execPath, join(import.meta.dir, "extras-run.ts"), realClip, ...extras]);

const names = {
  plain: "plain ladder and sound",
  pictures: "with thumbnails and quality figures",
  all: "with these and loudness",
} as const;

const rounds = roundsFromCommandLine(5);
const results = await runInterleaved<Cost>(
  [
    { name: names.plain, run: () => run() },
    { name: names.pictures, run: () => run("thumbnails", "quality") },
    { name: names.all, run: () => run("thumbnails", "quality", "loudness") },
  ],
  rounds,
);

const cpuOf = (name: string): number[] =>
  (results.get(name) ?? []).map(({ cpuSeconds }) => cpuSeconds);
const cpu = (name: string): number => median(cpuOf(name));
const ratio = (name: string): number => cpu(name) / cpu(names.plain);

await writeSection({
  id: "extras",
  title: "What thumbnails, quality figures and loudness cost",
  command: `bun bench/extras.ts --rounds ${rounds}`,
  programs: [],
  body: `
The clip of the transcode benchmark to three rungs and AAC, rendered from source (no executable, no
manifests; nothing is written). Left out in the plain arm: the storyboard of the plan, \`ssim\` of the
encoders, and the first pass over the sound.

${table([
  ["arm", "CPU s", "to plain"],
  ...Object.values(names).map((name) => [name, cpu(name).toFixed(2), ratio(name).toFixed(3)]),
])}

${verdict("CPU of all extras to the plain ladder", ratio(names.all), "at most", GOAL)}

Raw, CPU s by round:

${Object.values(names)
  .map((name) => `- ${name}: ${cpuOf(name).map(roundTo3).join("; ")}`)
  .join("\n")}
`,
});
