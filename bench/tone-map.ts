/**
 * What tone mapping costs: the same pictures as BT.709 and as PQ, both HEVC of 10 bits, through the
 * same ladder, at 1080p and at 2160p (where they are scaled down before they are mapped).
 *
 *     bun run build && bun bench/tone-map.ts [--rounds 5]
 */

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "bun";
import { type Cost, measureCommand } from "./harness/cost.ts";
import { ffmpegVersion, systemFfmpeg } from "./harness/ffmpeg.ts";
import { realClip } from "./harness/real-clip.ts";
import { roundTo3, table, verdict, writeSection } from "./harness/report.ts";
import { median, roundsFromCommandLine, runInterleaved } from "./harness/rounds.ts";

/** Goal of the project: CPU of the ladder with tone mapping to that without. */
const GOAL = 1.15;

const SECONDS = 4;
const HEIGHTS = [1080, 2160] as const;

const transcoder = join(import.meta.dir, "../dist/transcoder");
const cache = join(import.meta.dir, ".cache");
const ffmpeg = systemFfmpeg();

/** The real clip as 10-bit HEVC. As PQ its white is 203 cd/m² (ITU-R BT.2408), so that both arms encode nearly the same pictures. */
const clip = async (height: number, kind: "sdr" | "pq"): Promise<string> => {
  const file = join(cache, `tone-map-${height}-${kind}.mp4`);
  if (existsSync(file)) return file;
  await mkdir(cache, { recursive: true });
  const scale = `scale=-2:${height}:flags=bicubic,format=yuv420p10le`;
  const light =
    "zscale=transferin=709:primariesin=709:matrixin=709:transfer=smpte2084:primaries=2020:matrix=2020_ncl:npl=203,format=yuv420p10le";
  const [filters, tags] =
    kind === "sdr"
      ? [scale, "colorprim=bt709:transfer=bt709:colormatrix=bt709"]
      : [`${scale},${light}`, "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"];
  const partial = `${file}.part.mp4`;
  await $`${ffmpeg} -v error -y -t ${SECONDS} -i ${realClip} -an -vf ${filters} -c:v libx265 -preset ultrafast -crf 18 -x265-params ${`${tags}:log-level=none`} -tag:v hvc1 ${partial}`.quiet();
  await rename(partial, file);
  return file;
};

const transcode = async (input: string): Promise<Cost> => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-bench-"));
  try {
    return await measureCommand([transcoder, input, "--out", join(folder, "out"), "--json"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const rounds = roundsFromCommandLine(5);
const nameOf = (height: number, kind: string): string => `${height}p, ${kind}`;
const arms = await Promise.all(
  HEIGHTS.flatMap((height) =>
    (["sdr", "pq"] as const).map(async (kind) => {
      const input = await clip(height, kind);
      return { name: nameOf(height, kind), run: () => transcode(input) };
    }),
  ),
);
const results = await runInterleaved<Cost>(arms, rounds);
const cpuOf = (height: number, kind: string): number[] =>
  (results.get(nameOf(height, kind)) ?? []).map(({ cpuSeconds }) => cpuSeconds);
const ratio = (height: number): number =>
  median(cpuOf(height, "pq")) / median(cpuOf(height, "sdr"));

await writeSection({
  id: "tone-map",
  title: `Tone mapping ${SECONDS} s of natural pictures`,
  command: `bun bench/tone-map.ts --rounds ${rounds}`,
  programs: [`ffmpeg: ${await ffmpegVersion(ffmpeg)} (made the sources)`],
  body: `
The same clip as 10-bit HEVC, once as BT.709 and once as PQ with white at 203 cd/m², through the same
three rungs without sound. CPU time of the whole process, start included.

${table([
  ["source", "CPU s, BT.709", "CPU s, PQ", "PQ to BT.709"],
  ...HEIGHTS.map((height) => [
    `${height}p`,
    median(cpuOf(height, "sdr")).toFixed(2),
    median(cpuOf(height, "pq")).toFixed(2),
    ratio(height).toFixed(3),
  ]),
])}

${HEIGHTS.map((height) => verdict(`CPU with tone mapping to without, ${height}p`, ratio(height), "at most", GOAL)).join("\n")}

Raw, CPU s by round:

${arms.map(({ name }) => `- ${name}: ${(results.get(name) ?? []).map(({ cpuSeconds }) => roundTo3(cpuSeconds)).join("; ")}`).join("\n")}
`,
});
