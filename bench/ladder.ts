/**
 * Bytes, processor time and VMAF of Sluice's ladder beside the fixed one of the original platform,
 * over real clips of different character.
 *
 *     bun run build && bun bench/ladder.ts [--clips crossing,face] [--every-nth 5] [--dry]
 */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clip, clips } from "./harness/clips.ts";
import { type Cost, measureCommand } from "./harness/cost.ts";
import { ffmpegVersion, systemFfmpeg } from "./harness/ffmpeg.ts";
import { table, verdict, writeSection } from "./harness/report.ts";
import { median, roundsFromCommandLine } from "./harness/rounds.ts";
import { judgeVersion, measureVmaf } from "./harness/vmaf.ts";

const transcoder = join(import.meta.dir, "../dist/transcoder");
const ffmpeg = systemFfmpeg();

/** The original platform's ladder: always three rungs, average bit rates, the cheapest scaler. */
const FIXED = [
  { shortSide: 360, kbps: 1000 },
  { shortSide: 720, kbps: 4000 },
  { shortSide: 1080, kbps: 8000 },
] as const;

/** A rung need not score higher than this: above, nobody sees a difference. */
const GOOD_ENOUGH_VMAF = 94;

type Size = { readonly width: number; readonly height: number };

/** Rung sizes that keep the clip's shape; the original stretches everything to 16:9, which no judge could compare. */
const fixedSize = ({ width, height }: Clip, shortSide: number): Size => {
  const factor = shortSide / Math.min(width, height);
  const even = (side: number) => 2 * Math.round((side * factor) / 2);
  return { width: even(width), height: even(height) };
};

const fixedCommand = (clip: Clip, file: string, folder: string): string[] => [
  ...[ffmpeg, "-v", "error", "-y", "-i", file, "-filter_complex"],
  [
    `[0:v]split=${FIXED.length}${FIXED.map((_, index) => `[s${index}]`).join("")}`,
    ...FIXED.map(({ shortSide }, index) => {
      const { width, height } = fixedSize(clip, shortSide);
      return `[s${index}]scale=${width}:${height}:flags=fast_bilinear,setsar=1[v${index}]`;
    }),
  ].join(";"),
  ...FIXED.flatMap(({ kbps }, index) => [...["-map", `[v${index}]`, `-b:v:${index}`, `${kbps}k`]]),
  ...["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p"],
  ...["-g", "48", "-keyint_min", "48", "-map", "0:a:0?", "-c:a", "aac", "-b:a", "128k"],
  ...["-f", "dash", "-use_timeline", "1", "-use_template", "1", join(folder, "manifest.mpd")],
];

type Rung = { readonly size: Size; readonly file: string; readonly bytes: number };

/** Concatenates a header and media segments; fragmented MP4 allows it. */
const joinParts = async (target: string, parts: readonly string[]): Promise<Rung["file"]> => {
  const bytes = await Promise.all(parts.map((part) => Bun.file(part).bytes()));
  await Bun.write(target, new Blob(bytes.map((part) => part.slice())));
  return target;
};

const fixedRungs = async (clip: Clip, folder: string): Promise<Rung[]> => {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    FIXED.map(async ({ shortSide }, index) => {
      const chunks = names.filter((name) => name.startsWith(`chunk-stream${index}-`));
      const parts = [`init-stream${index}.m4s`, ...chunks].map((name) => join(folder, name));
      const file = await joinParts(join(folder, `rung-${index}.mp4`), parts);
      return { size: fixedSize(clip, shortSide), file, bytes: Bun.file(file).size };
    }),
  );
};

/** By short side. */
const sluiceRungs = async (folder: string): Promise<Map<string, Rung>> => {
  const { renditions } = (await Bun.file(join(folder, "result.json")).json()) as {
    renditions: { width: number; height: number }[];
  };
  const ids = (await readdir(join(folder, "v"))).sort((a, b) => Number(a) - Number(b));
  const rungs = new Map<string, Rung>();
  for (const [index, id] of ids.entries()) {
    const own = join(folder, "v", id);
    const count = (await readdir(own)).filter((name) => name.endsWith(".m4s")).length;
    const media = Array.from({ length: count }, (_, number) => join(own, `${number + 1}.m4s`));
    const file = await joinParts(join(folder, `rung-${id}.mp4`), [join(own, "init.mp4"), ...media]);
    const { width = 0, height = 0 } = renditions[index] ?? {};
    rungs.set(id, { size: { width, height }, file, bytes: Bun.file(file).size });
  }
  return rungs;
};

type RungScore = {
  readonly shortSide: number;
  readonly fixed: number;
  readonly ours: number;
  readonly fixedBytes: number;
  /** 0 where the rung is left out; its score is then the next lower one's, upscaled. */
  readonly ourBytes: number;
};

type ClipResult = {
  readonly clip: Clip;
  readonly scores: readonly RungScore[];
  readonly fixedCost: readonly Cost[];
  readonly ourCost: readonly Cost[];
};

const measureClip = async (clip: Clip, rounds: number): Promise<ClipResult> => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-ladder-"));
  const source = await clip.file();
  try {
    const fixedFolder = join(folder, "fixed");
    const ourFolder = join(folder, "sluice");
    const [fixedCost, ourCost]: [Cost[], Cost[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      await rm(fixedFolder, { recursive: true, force: true });
      await mkdir(fixedFolder);
      fixedCost.push(await measureCommand(fixedCommand(clip, source, fixedFolder)));
      const command = [transcoder, source, "--out", ourFolder, "--overwrite", "--quiet"];
      ourCost.push(await measureCommand(command));
    }
    const ours = await sluiceRungs(ourFolder);
    const fixed = await fixedRungs(clip, fixedFolder);
    const scores: RungScore[] = [];
    let best: Rung | undefined;
    for (const [index, { shortSide }] of FIXED.entries()) {
      const theirs = fixed[index];
      const own = ours.get(String(shortSide));
      best = own ?? best;
      if (theirs === undefined || best === undefined) throw new Error("a rung is missing");
      const compare = async (encoded: string) =>
        (
          await measureVmaf({
            encoded,
            source,
            ...theirs.size,
            frameRate: clip.frameRate,
            everyNth,
          })
        ).mean;
      const score = {
        shortSide,
        fixed: await compare(theirs.file),
        ours: await compare(best.file),
        fixedBytes: theirs.bytes,
        ourBytes: own?.bytes ?? 0,
      };
      process.stderr.write(
        `${clip.name} ${shortSide}: fixed ${score.fixed.toFixed(1)} ${score.fixedBytes}, Sluice ${score.ours.toFixed(1)} ${score.ourBytes}\n`,
      );
      scores.push(score);
    }
    return { clip, scores, fixedCost, ourCost };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const cpuOf = (costs: readonly Cost[]): number => median(costs.map(({ cpuSeconds }) => cpuSeconds));
const total = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0);
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2);

const option = (name: string): string | undefined => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? undefined : process.argv[index + 1];
};

const rounds = roundsFromCommandLine(3);
const everyNth = Number(option("every-nth") ?? 1);
const wanted = option("clips")?.split(",");
const results: ClipResult[] = [];
for (const clip of clips) {
  if (wanted === undefined || wanted.includes(clip.name))
    results.push(await measureClip(clip, rounds));
}

const rungRows = results.flatMap(({ clip, scores }) =>
  scores.map((rung) => [
    clip.name,
    rung.shortSide,
    megabytes(rung.fixedBytes),
    rung.ourBytes === 0 ? "left out" : megabytes(rung.ourBytes),
    rung.fixed.toFixed(1),
    rung.ours.toFixed(1),
  ]),
);
const bytesOf = (result: ClipResult, which: "fixedBytes" | "ourBytes"): number =>
  total(result.scores.map((rung) => rung[which]));
const clipRows = results.map((result) => [
  result.clip.name,
  megabytes(bytesOf(result, "fixedBytes")),
  megabytes(bytesOf(result, "ourBytes")),
  (bytesOf(result, "ourBytes") / bytesOf(result, "fixedBytes")).toFixed(3),
  cpuOf(result.fixedCost).toFixed(2),
  cpuOf(result.ourCost).toFixed(2),
  (cpuOf(result.ourCost) / cpuOf(result.fixedCost)).toFixed(3),
]);
const bytesRatio =
  total(results.map((result) => bytesOf(result, "ourBytes"))) /
  total(results.map((result) => bytesOf(result, "fixedBytes")));
const cpuRatio =
  total(results.map(({ ourCost }) => cpuOf(ourCost))) /
  total(results.map(({ fixedCost }) => cpuOf(fixedCost)));
const shortfalls = results.flatMap(({ clip, scores }) =>
  scores
    .filter(({ fixed, ours }) => ours < Math.min(fixed, GOOD_ENOUGH_VMAF))
    .map(
      (rung) =>
        `${clip.name} ${rung.shortSide} (${rung.ours.toFixed(1)} to ${rung.fixed.toFixed(1)})`,
    ),
);

const body = `
The fixed ladder is the original platform's: one ffmpeg, \`fast_bilinear\`, veryfast, average bit rates of
1000, 4000 and 8000 kb/s, three rungs whatever the source is. VMAF at each rung's own size against the
source scaled to it (bicubic); a rung that Sluice leaves out is scored as its next lower one, upscaled. Bytes are
those of the pictures; times hold the sound too where there is some. Medians of ${rounds} rounds, interleaved.

${table([["clip", "character", "size", "from"], ...clips.map((clip) => [clip.name, clip.character, `${clip.width}x${clip.height}`, clip.origin])])}

${table([["clip", "rung", "MB fixed", "MB Sluice", "VMAF fixed", "VMAF Sluice"], ...rungRows])}

${table([["clip", "MB fixed", "MB Sluice", "bytes, ratio", "CPU s fixed", "CPU s Sluice", "CPU, ratio"], ...clipRows])}

${verdict("stored bytes of all clips to the fixed ladder's", bytesRatio, "at most", 0.6)}
${verdict("CPU of all clips to the fixed ladder's", cpuRatio, "at most", 0.8)}
${verdict("rungs below the smaller of the fixed ladder's score and 94", shortfalls.length, "at most", 0)}${shortfalls.length > 0 ? `: ${shortfalls.join(", ")}` : ""}

Raw, CPU s by round, fixed and Sluice:

${results.map(({ clip, fixedCost, ourCost }) => `- ${clip.name}: ${[fixedCost, ourCost].map((costs) => costs.map(({ cpuSeconds }) => cpuSeconds.toFixed(2)).join(" / ")).join("; ")}`).join("\n")}
`;
if (process.argv.includes("--dry")) process.stdout.write(body);
else {
  await writeSection({
    id: "ladder",
    title: "The ladder over real clips",
    command: `bun bench/ladder.ts --rounds ${rounds} --every-nth ${everyNth}`,
    programs: [
      `fixed ladder by ${await ffmpegVersion(ffmpeg)}`,
      `judge: ${await judgeVersion()}, VMAF 0.6.1`,
    ],
    body,
  });
}
