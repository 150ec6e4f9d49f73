/**
 * How often a job of a minute says how far it is, and how far off its time left is.
 *
 *     bun run build && bun bench/progress.ts
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repeatedClip } from "./harness/real-clip.ts";
import { roundTo3, verdict, writeSection } from "./harness/report.ts";
import { percentile } from "./harness/rounds.ts";

const transcoder = join(import.meta.dir, "../dist/transcoder");

/** 62 s of film. */
const CLIP_TIMES = 5;

/** From here on the estimate has to be right. */
const JUDGED_FROM_PERCENT = 20;

/** So close to the end a second more or less is nothing that a person notices. */
const UNNOTICED_SECONDS = 1;

type Update = {
  readonly atMs: number;
  readonly percent: number;
  readonly etaSeconds: number | null;
};

const folder = await mkdtemp(join(tmpdir(), "sluice-progress-"));
try {
  const source = await repeatedClip(CLIP_TIMES);
  const child = Bun.spawn([transcoder, source, "--out", join(folder, "out"), "--json"], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const updates: Update[] = [];
  const startedMs = performance.now();
  let pending = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (pending + chunk).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) {
      const event = JSON.parse(line);
      if (event.type !== "progress" || event.percent === 100) continue;
      updates.push({ ...event, atMs: performance.now() - startedMs });
    }
  }
  if ((await child.exited) !== 0) throw new Error("the transcoder failed");
  const endMs = performance.now() - startedMs;

  const errors = updates.flatMap(({ atMs, percent, etaSeconds }) => {
    if (percent < JUDGED_FROM_PERCENT || etaSeconds === null) return [];
    const left = (endMs - atMs) / 1000;
    const off = Math.max(0, Math.abs(etaSeconds - left) - UNNOTICED_SECONDS);
    return left > UNNOTICED_SECONDS ? [off / left] : [];
  });
  const falls = updates.filter(
    ({ percent }, index) => percent < (updates[index - 1]?.percent ?? 0),
  );
  await writeSection({
    id: "progress",
    title: "Progress of a one-minute job",
    command: "bun bench/progress.ts",
    programs: [],
    body: `
62 s of 1080p, \`dist/transcoder --json\`, one run of ${roundTo3(endMs / 1000)} s. The error is that of the time left beside
what was really left, less ${UNNOTICED_SECONDS} s, over what was left; judged from ${JUDGED_FROM_PERCENT} % on.

${verdict("updates", updates.length, "at least", 20)}
${verdict("updates that fell", falls.length, "at most", 0)}
${verdict("worst error of the time left", 100 * Math.max(...errors), "at most", 25, " %")}

Median error ${roundTo3(100 * percentile(errors, 0.5))} %, over ${errors.length} updates.
`,
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}
