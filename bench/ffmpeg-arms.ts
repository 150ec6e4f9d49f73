import { join } from "node:path";
import {
  AUDIO,
  BUFFER_AT_START,
  GOP_SECONDS,
  GOPS_PER_SEGMENT,
  type X264Settings,
} from "../src/transcoder/plan/ladder.ts";
import type { RungPlan } from "../src/transcoder/plan/rung-plan.ts";

/** What the commands below have in common with Sluice's own plan, so that no arm does other work. */
export type Job = {
  readonly ffmpeg: string;
  readonly input: string;
  /** Lowest first. */
  readonly rungs: readonly RungPlan[];
  readonly frameRate: { readonly numerator: number; readonly denominator: number };
  /** x264's threads for each encoder; "auto" leaves the number to x264. */
  readonly encoderThreads: number | "auto";
};

/**
 * One ffmpeg for each rung, each decoding the source anew and scaling from its full size: what a
 * platform does that starts a process for every rendition. The sound is encoded once, in the first.
 */
export const separateCommands = (job: Job, folder: string): string[][] =>
  job.rungs.map((rung, index) => [
    ...start(job),
    "-filter_complex",
    `[0:v]${constantRate(job)},${scale(rung)},format=yuv420p[v0]`,
    ...["-map", "[v0]", ...videoOptions(job, rung, 0)],
    ...(index === 0 ? audioOptions : []),
    ...dashOutput(join(folder, rung.id)),
  ]);

/** One ffmpeg that decodes once and feeds all encoders through a cascade of scalers. */
export const splitCommand = (job: Job, folder: string): string[] => {
  const highestFirst = job.rungs.toReversed();
  const last = highestFirst.length - 1;
  const source = `[0:v]${constantRate(job)},format=yuv420p[in0]`;
  const stages = highestFirst.map((rung, index) =>
    index === last
      ? `[in${index}]${scale(rung)}[v${index}]`
      : `[in${index}]${scale(rung)},split=2[v${index}][in${index + 1}]`,
  );
  return [
    ...start(job),
    ...["-filter_complex", [source, ...stages].join(";")],
    ...highestFirst.flatMap((rung, index) => [
      ...["-map", `[v${index}]`],
      ...videoOptions(job, rung, index),
    ]),
    ...audioOptions,
    ...dashOutput(folder),
  ];
};

const start = ({ ffmpeg, input }: Job): string[] => [ffmpeg, "-v", "error", "-y", "-i", input];

const constantRate = ({ frameRate }: Job): string =>
  `fps=${frameRate.numerator}/${frameRate.denominator}`;

/** libavfilter leaves a scale to the same size out by itself. */
const scale = ({ width, height }: RungPlan): string => `scale=${width}:${height}:flags=bicubic`;

const videoOptions = (job: Job, { x264 }: RungPlan, stream: number): string[] => {
  const gopFrames = Math.round((job.frameRate.numerator / job.frameRate.denominator) * GOP_SECONDS);
  const options = {
    c: "libx264",
    preset: x264.preset,
    crf: x264.crf,
    maxrate: `${x264.maxRateKbps}k`,
    bufsize: `${x264.bufferKbits}k`,
    g: gopFrames,
    keyint_min: gopFrames,
    sc_threshold: 0,
    ...(job.encoderThreads === "auto" ? {} : { threads: job.encoderThreads }),
    "x264-params": x264Params(x264),
  };
  return Object.entries(options).flatMap(([name, value]) => [
    `-${name}:v:${stream}`,
    String(value),
  ]);
};

const x264Params = ({ params }: X264Settings): string =>
  Object.entries({ ...params, "vbv-init": BUFFER_AT_START })
    .map(([name, value]) => `${name}=${value}`)
    .join(":");

const audioOptions = [
  ...["-map", "0:a:0", "-c:a", "aac", "-b:a", `${AUDIO.stereoKbps}k`],
  ...["-ar", String(AUDIO.sampleRate), "-ac", "2"],
];

const dashOutput = (folder: string): string[] => [
  ...["-f", "dash", "-seg_duration", String(GOP_SECONDS * GOPS_PER_SEGMENT)],
  ...["-hls_playlist", "1", join(folder, "manifest.mpd")],
];
