import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { transcode } from "../../../src/transcoder/transcode.ts";
import type { TranscodeResult } from "../../../src/videos/job-message.ts";

/** A folder that is gone after the test. */
export const scratch = async (): Promise<AsyncDisposable & { readonly path: string }> => {
  const path = await mkdtemp(join(tmpdir(), "sluice-transcoder-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
};

/** Runs the whole pipeline in this process. */
export const convert = (
  source: string,
  output: string,
  options: { readonly loudnessLufs?: number | null } = {},
): Promise<TranscodeResult> =>
  transcode(source, output, {
    signal: new AbortController().signal,
    onEvent: () => {},
    ...options,
  });

export type CommandRun = {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
};

const entry = resolve(import.meta.dir, "../../../src/transcoder/index.ts");

/** Starts the command line from source. */
export const spawnCommand = (args: readonly string[], env: Record<string, string> = {}) =>
  Bun.spawn([process.execPath, entry, ...args], {
    stdout: "pipe",
    stderr: "pipe",
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env },
  });

export const runCommand = async (
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<CommandRun> => {
  const child = spawnCommand(args, env);
  const [out, err, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, out, err };
};

/** Every file below a folder by relative name, sorted. */
export const filesBelow = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(folder.length + 1))
    .sort();
};

/** Numbers of a track's segments, in order. */
export const segmentNumbers = async (track: string): Promise<number[]> =>
  (await readdir(track))
    .filter((name) => name.endsWith(".m4s"))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);

/** Joins a track's header and some of its segments (default: all) into one file that any tool reads. */
export const joinTrack = async (track: string, to: string, numbers?: number[]): Promise<string> => {
  const wanted = numbers ?? (await segmentNumbers(track));
  const names = ["init.mp4", ...wanted.map((number) => `${number}.m4s`)];
  const parts = await Promise.all(names.map((name) => Bun.file(join(track, name)).bytes()));
  await Bun.write(to, Buffer.concat(parts));
  return to;
};

/** Runs a system tool and returns its output; throws what it said on stderr when it fails. */
export const run = async (command: readonly string[]): Promise<{ out: Buffer; err: string }> => {
  const child = Bun.spawn([...command], { stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).arrayBuffer(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${command.join(" ")}: ${err}`);
  return { out: Buffer.from(out), err };
};

export type PacketInfo = {
  readonly pts: number;
  readonly dts: number;
  readonly bytes: number;
  readonly isKey: boolean;
};

/** Packets of the first stream of a kind, by the system's ffprobe; times in seconds. */
export const packetsOf = async (path: string, kind: "v" | "a"): Promise<PacketInfo[]> => {
  const { out } = await run([
    ..."/usr/bin/ffprobe -v error -of json -show_entries packet=pts_time,dts_time,size,flags".split(
      " ",
    ),
    ...["-select_streams", `${kind}:0`, path],
  ]);
  const { packets } = JSON.parse(out.toString()) as {
    packets: { pts_time: string; dts_time: string; size: string; flags: string }[];
  };
  return packets.map(({ pts_time, dts_time, size, flags }) => ({
    pts: Number(pts_time),
    dts: Number(dts_time),
    bytes: Number(size),
    isKey: flags.startsWith("K"),
  }));
};

/** Decodes a file with the system's ffmpeg, strictly: any error it prints fails. Returns the number of pictures. */
export const countDecoded = async (path: string): Promise<number> => {
  const { out, err } = await run([
    ...["/usr/bin/ffmpeg", "-v", "error", "-xerror", "-i", path, "-map", "0:v:0"],
    ...["-f", "rawvideo", "-vf", "scale=2:2,format=gray", "-fps_mode", "passthrough", "-"],
  ]);
  if (err !== "") throw new Error(err);
  return out.length / 4;
};

/**
 * SSIM of luma between two files, the second scaled to the first's size, both at this rate. With
 * `alignStarts` each one's first picture counts as zero, for containers whose start the judge reads wrong.
 */
export const ssim = async (
  made: string,
  source: string,
  rate: number,
  { alignStarts = false } = {},
): Promise<number> => {
  const start = alignStarts ? "setpts=PTS-STARTPTS," : "";
  const { err } = await run([
    ...["/usr/bin/ffmpeg", "-v", "info", "-nostdin", "-i", made, "-i", source, "-lavfi"],
    `[0:v]${start}fps=${rate},format=yuv420p,split[m][k];[1:v]${start}fps=${rate},format=yuv420p[s];[s][k]scale2ref=flags=bicubic[s2][k2];[k2]nullsink;[m][s2]ssim`,
    ...["-f", "null", "-"],
  ]);
  const luma = /SSIM Y:([0-9.]+)/.exec(err)?.[1];
  if (luma === undefined) throw new Error(err);
  return Number(luma);
};

/** MD5 of every picture as the system's ffmpeg decodes it, in the order of showing. */
export const pictureHashes = async (path: string): Promise<string[]> => {
  const { out } = await run([
    ..."/usr/bin/ffmpeg -v error -nostdin -i".split(" "),
    path,
    ..."-map 0:v:0 -fps_mode passthrough -f framemd5 -".split(" "),
  ]);
  const lines = out
    .toString()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => line.split(",").at(-1)?.trim() ?? "");
};

/** Runs the whole pipeline and says whether it planned to copy the highest rung. */
export const hasMadeCopy = async (source: string, output: string): Promise<boolean> => {
  let isCopy = false;
  await transcode(source, output, {
    signal: new AbortController().signal,
    onEvent: (event) => {
      if (event.type === "started") isCopy = event.plan.copy !== null;
    },
  });
  return isCopy;
};
