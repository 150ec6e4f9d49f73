import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { path as judge } from "@ffmpeg-installer/ffmpeg";
import { ffmpegVersion } from "./ffmpeg.ts";
import { percentile } from "./rounds.ts";

/**
 * The judge is another build of FFmpeg than the ones that are judged: a static one with libvmaf,
 * installed from the package registry, which no executable of ours contains.
 */
export const judgeVersion = (): Promise<string> => ffmpegVersion(judge);

const model = join(import.meta.dir, "../vmaf/vmaf_v0.6.1.pkl");

/** Scores from 0 to 100; 6 points are about one just noticeable difference. */
export type VmafScore = {
  readonly frames: number;
  readonly mean: number;
  /** Score that 99 % of the pictures reach: mean values hide short bad stretches. */
  readonly worstPercent: number;
};

export type Comparison = {
  readonly encoded: string;
  readonly source: string;
  readonly width: number;
  readonly height: number;
  /** Rate of the encoded file, such as `24000/1001`; the source is brought to it. */
  readonly frameRate: string;
  /** Judges every n-th picture alone; default 1. For a first look. */
  readonly everyNth?: number;
};

/** VMAF 0.6.1 of an encoded file, enlarged to this size if it is smaller, against the source scaled to it. */
export const measureVmaf = async (comparison: Comparison): Promise<VmafScore> => {
  const { encoded, source, width, height, frameRate, everyNth = 1 } = comparison;
  const folder = await mkdtemp(join(tmpdir(), "sluice-vmaf-"));
  try {
    const log = join(folder, "vmaf.json");
    const filters = [
      `[0:v]fps=${frameRate},setpts=PTS-STARTPTS,scale=${width}:${height}:flags=bicubic[encoded]`,
      `[1:v]fps=${frameRate},setpts=PTS-STARTPTS,scale=${width}:${height}:flags=bicubic[source]`,
      `[encoded][source]libvmaf=model_path=${model}:log_fmt=json:log_path=${log}:n_threads=2:n_subsample=${everyNth}`,
    ];
    const command = [
      ...[judge, "-v", "error", "-i", encoded, "-i", source],
      ...["-lavfi", filters.join(";"), "-f", "null", "-"],
    ];
    const child = Bun.spawn(command, { stdout: "ignore", stderr: "pipe" });
    const [errors, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
    if (exitCode !== 0) throw new Error(`VMAF failed:\n${errors.slice(-2000)}`);
    return summarize((await Bun.file(log).json()) as VmafLog);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

type VmafLog = { readonly frames: readonly { readonly metrics: { readonly vmaf: number } }[] };

const summarize = ({ frames }: VmafLog): VmafScore => {
  const scores = frames.map(({ metrics }) => metrics.vmaf);
  return {
    frames: scores.length,
    mean: scores.reduce((sum, score) => sum + score, 0) / scores.length,
    worstPercent: percentile(scores, 0.01),
  };
};
