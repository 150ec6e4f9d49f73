/**
 * CPU time, wall time and memory of a transcode: three separate ffmpeg runs, one ffmpeg with a
 * split, and Sluice's compiled transcoder, all with the encoder settings of `src/transcoder/plan/ladder.ts`.
 *
 *     bun run build && bun bench/transcode.ts [--rounds 5]
 */

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "bun";
import { planRungs } from "../src/transcoder/plan/rung-plan.ts";
import { type Job, separateCommands, splitCommand } from "./ffmpeg-arms.ts";
import { type Cost, measureCommand, measureSequence } from "./harness/cost.ts";
import { ffmpegVersion, systemFfmpeg } from "./harness/ffmpeg.ts";
import { realClip, repeatedClip } from "./harness/real-clip.ts";
import { mebibytes, roundTo3, table, verdict, writeSection } from "./harness/report.ts";
import { median, roundsFromCommandLine, runInterleaved } from "./harness/rounds.ts";

/** Goals of the project, as ratios of CPU time and as memory. */
const GOAL = { ofSplit: 1.05, ofSeparate: 0.8, rssMebibytes: 650, longSourceRss: 1.1 } as const;

/** How much longer the long source is. */
const LONG = 10;

/** Sluice encodes every segment on one thread, see `src/transcoder/render`. */
const SLUICE_ENCODER_THREADS = 1;

const transcoder = join(import.meta.dir, "../dist/transcoder");

/** Size and rate of `realClip`; checked below against what Sluice made of it. */
const clip = { width: 1920, height: 1080, frameRate: { numerator: 24_000, denominator: 1001 } };

const inFreshFolder = async <T>(use: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-bench-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const runSluice = (input: string): Promise<Cost> =>
  inFreshFolder(async (folder) => {
    const cost = await measureCommand([transcoder, input, "--out", join(folder, "out"), "--json"]);
    const mpd = await Bun.file(join(folder, "out/manifest.mpd")).text();
    const { numerator, denominator } = clip.frameRate;
    const expected = [
      `frameRate="${numerator}/${denominator}"`,
      ...planRungs(clip).map(({ width, height }) => `width="${width}" height="${height}"`),
    ];
    const missing = expected.filter((text) => !mpd.includes(text));
    if (missing.length > 0) throw new Error(`Sluice did other work than ffmpeg: no ${missing}`);
    return cost;
  });

const runSeparate = (job: Job): Promise<Cost> =>
  inFreshFolder(async (folder) => {
    await Promise.all(job.rungs.map(({ id }) => mkdir(join(folder, id))));
    return await measureSequence(separateCommands(job, folder));
  });

const runSplit = (job: Job): Promise<Cost> =>
  inFreshFolder((folder) => measureCommand(splitCommand(job, folder)));

const ffmpeg = systemFfmpeg();
const job: Job = {
  ffmpeg,
  input: realClip,
  rungs: planRungs(clip),
  frameRate: clip.frameRate,
  encoderThreads: SLUICE_ENCODER_THREADS,
};
const names = {
  separate: "(a) three ffmpeg runs",
  split: "(b) one ffmpeg, split",
  sluice: "(c) Sluice",
  splitThreads: "(b') as (b), x264's own threads",
} as const;

const rounds = roundsFromCommandLine(5);
const results = await runInterleaved<Cost>(
  [
    { name: names.separate, run: () => runSeparate(job) },
    { name: names.split, run: () => runSplit(job) },
    { name: names.sluice, run: () => runSluice(realClip) },
    { name: names.splitThreads, run: () => runSplit({ ...job, encoderThreads: "auto" }) },
  ],
  rounds,
);
const long = await runSluice(await repeatedClip(LONG));

const of = (name: string, pick: (cost: Cost) => number): number[] =>
  (results.get(name) ?? []).map(pick);
const cpu = (name: string): number => median(of(name, (cost) => cost.cpuSeconds));
const rss = median(of(names.sluice, (cost) => cost.peakRssBytes));

const medians = table([
  ["arm", "CPU s", "wall s", "peak RSS MiB", "CPU, Sluice to this", "wall, Sluice to this"],
  ...Object.values(names).map((name) => [
    name,
    cpu(name).toFixed(2),
    median(of(name, (cost) => cost.wallSeconds)).toFixed(2),
    mebibytes(median(of(name, (cost) => cost.peakRssBytes))).toFixed(0),
    (cpu(names.sluice) / cpu(name)).toFixed(3),
    (
      median(of(names.sluice, (cost) => cost.wallSeconds)) /
      median(of(name, (cost) => cost.wallSeconds))
    ).toFixed(3),
  ]),
]);
const raw = Object.values(names).map(
  (name) =>
    `- ${name}: ${of(name, (cost) => cost.cpuSeconds)
      .map((_, round) => {
        const cost = results.get(name)?.[round];
        if (cost === undefined) throw new Error("every round has a result");
        const parts = [cost.cpuSeconds, cost.wallSeconds, mebibytes(cost.peakRssBytes)];
        return parts.map(roundTo3).join(" / ");
      })
      .join("; ")}`,
);

await writeSection({
  id: "transcode",
  title: "Transcoding 12.46 s of natural 1080p to three rungs and AAC",
  command: `bun bench/transcode.ts --rounds ${rounds}`,
  programs: [
    `ffmpeg: ${await ffmpegVersion(ffmpeg)}`,
    `Sluice: ${(await $`${transcoder} --version`.text()).trim().replaceAll("\n", ", ")}`,
  ],
  body: `
All arms: bicubic scaling, one IDR picture every 2 s, 4 s segments, x264 settings of
\`src/transcoder/plan/ladder.ts\`; in (a) to (c) every encoder has ${SLUICE_ENCODER_THREADS} thread, as in Sluice. (b) scales in a
cascade, 1080 → 720 → 360; (a) scales from the full size and runs one rung after the other. Sluice
also measures its segments, writes a poster and both kinds of manifest.

${medians}

${verdict("CPU of (c) to (b)", cpu(names.sluice) / cpu(names.split), "at most", GOAL.ofSplit)}
${verdict("CPU of (c) to (a)", cpu(names.sluice) / cpu(names.separate), "at most", GOAL.ofSeparate)}
${verdict("peak RSS of (c)", mebibytes(rss), "at most", GOAL.rssMebibytes, " MiB")}
${verdict(`peak RSS of (c) for a source ${LONG} times as long (${mebibytes(long.peakRssBytes).toFixed(0)} MiB), to that`, long.peakRssBytes / rss, "at most", GOAL.longSourceRss)}

The long source took ${long.cpuSeconds.toFixed(1)} CPU s and ${long.wallSeconds.toFixed(1)} s of wall time (one run).

Raw, CPU s / wall s / peak RSS MiB by round:

${raw.join("\n")}
`,
});
