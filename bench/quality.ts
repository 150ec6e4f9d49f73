/**
 * Bit rate and VMAF of every rung, of Sluice and of one ffmpeg with the same encoder settings.
 *
 *     bun run build && bun bench/quality.ts
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planRungs } from "../src/transcoder/plan/rung-plan.ts";
import { splitCommand } from "./ffmpeg-arms.ts";
import { measureCommand } from "./harness/cost.ts";
import { ffmpegVersion, systemFfmpeg } from "./harness/ffmpeg.ts";
import { realClip } from "./harness/real-clip.ts";
import { table, writeSection } from "./harness/report.ts";
import { judgeVersion, measureVmaf } from "./harness/vmaf.ts";

const transcoder = join(import.meta.dir, "../dist/transcoder");
const clip = { width: 1920, height: 1080, frameRate: { numerator: 24_000, denominator: 1001 } };
const frameRate = `${clip.frameRate.numerator}/${clip.frameRate.denominator}`;
const rungs = planRungs(clip);
const ffmpeg = systemFfmpeg();

/** Where an arm leaves a rung's initialization segment and, by number, its media segments. */
type Layout = {
  readonly init: (rung: number) => string;
  readonly segment: (rung: number, number: number) => string;
};

/** All the segments of one rung as one file. */
const joinRung = async (folder: string, layout: Layout, rung: number): Promise<string> => {
  const parts: Uint8Array[] = [await Bun.file(join(folder, layout.init(rung))).bytes()];
  for (let number = 1; ; number += 1) {
    const file = Bun.file(join(folder, layout.segment(rung, number)));
    if (!(await file.exists())) break;
    parts.push(await file.bytes());
  }
  const joined = join(folder, `rung-${rung}.mp4`);
  await Bun.write(joined, new Blob(parts.map((part) => part.slice())));
  return joined;
};

const scoreRungs = async (arm: string, folder: string, layout: Layout) => {
  const rows: (string | number)[][] = [];
  for (const [index, { name, width, height }] of rungs.entries()) {
    const encoded = await joinRung(folder, layout, index);
    const score = await measureVmaf({ encoded, source: realClip, width, height, frameRate });
    const seconds = (score.frames * clip.frameRate.denominator) / clip.frameRate.numerator;
    const kilobits = (Bun.file(encoded).size * 8) / 1000 / seconds;
    process.stderr.write(`${arm} ${name}: VMAF ${score.mean.toFixed(2)}\n`);
    rows.push([
      name,
      arm,
      score.frames,
      kilobits.toFixed(0),
      score.mean.toFixed(2),
      score.worstPercent.toFixed(2),
    ]);
  }
  return rows;
};

const folder = await mkdtemp(join(tmpdir(), "sluice-quality-"));
try {
  const [sluiceFolder, ffmpegFolder] = [join(folder, "sluice"), join(folder, "ffmpeg")];
  await mkdir(ffmpegFolder);
  await measureCommand([transcoder, realClip, "--out", sluiceFolder, "--json"]);
  const job = { ffmpeg, input: realClip, rungs, frameRate: clip.frameRate };
  await measureCommand(splitCommand({ ...job, encoderThreads: 1 }, ffmpegFolder));

  /** The split command writes the highest rung first. */
  const stream = (rung: number): number => rungs.length - 1 - rung;
  const ffmpegRows = await scoreRungs("one ffmpeg", ffmpegFolder, {
    init: (rung) => `init-stream${stream(rung)}.m4s`,
    segment: (rung, number) => `chunk-stream${stream(rung)}-${String(number).padStart(5, "0")}.m4s`,
  });
  const sluiceRows = await scoreRungs("Sluice", sluiceFolder, {
    init: (rung) => `v/${rungs[rung]?.id}/init.mp4`,
    segment: (rung, number) => `v/${rungs[rung]?.id}/${number}.m4s`,
  });
  const rows = rungs.flatMap((_, index) =>
    [sluiceRows[index], ffmpegRows[index]].filter((row) => row !== undefined),
  );

  await writeSection({
    id: "quality",
    title: "Quality of the rungs",
    command: "bun bench/quality.ts",
    programs: [
      `Encoded by Sluice and by ${await ffmpegVersion(ffmpeg)}`,
      `judge: ${await judgeVersion()}, VMAF 0.6.1`,
    ],
    body: `
The clip of the transcode benchmark; each rung at its own size against the source scaled to that size
(bicubic). The worst 1 % is the score that 99 % of the pictures reach. Sluice starts a fresh encoder
at every segment, ffmpeg runs one from start to end; the x264 settings are the same.

${table([["rung", "arm", "pictures", "kb/s", "VMAF mean", "VMAF worst 1 %"], ...rows])}
`,
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}
