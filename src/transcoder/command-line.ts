import { SluiceError, toSluiceError } from "../errors.ts";
import { commit, version } from "../version.ts";
import { HELP, readArguments, type TranscodeCommand } from "./arguments.ts";
import { confineJob } from "./confine-job.ts";
import { EXIT, type ExitCode, exitCodeFor } from "./exit-codes.ts";
import { returnFreedMemory } from "./ffmpeg/allocator.ts";
import { ffmpegVersion } from "./ffmpeg/version.ts";
import { runJob } from "./job.ts";
import { readJobSettings } from "./job-settings.ts";
import { jsonReport, lineReport, quietReport, type Terminal } from "./report.ts";
import { transcode } from "./transcode.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const terminal: Terminal = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTty: process.stderr.isTTY === true,
};

/** Aborts at the first signal; a second one ends the process at once. */
const untilSignalled = (): { signal: AbortSignal; exitCode: () => ExitCode | null } => {
  const controller = new AbortController();
  let exitCode: ExitCode | null = null;
  const on = (name: NodeJS.Signals, code: ExitCode) =>
    process.on(name, () => {
      if (exitCode !== null) process.exit(code);
      exitCode = code;
      controller.abort(new SluiceError("interrupted", { message: "Interrupted." }));
    });
  on("SIGINT", EXIT.interrupted);
  on("SIGTERM", EXIT.terminated);
  return { signal: controller.signal, exitCode: () => exitCode };
};

const convert = async (command: TranscodeCommand): Promise<ExitCode> => {
  returnFreedMemory();
  const reports = { lines: lineReport, json: jsonReport, quiet: quietReport };
  const report = reports[command.report](terminal);
  const { signal, exitCode } = untilSignalled();
  const startedMs = performance.now();
  try {
    const result = await transcode(command.input, command.out, {
      signal,
      onEvent: report.event,
      overwrite: command.overwrite,
      loudnessLufs: command.loudnessLufs,
      mayCopy: command.mayCopy,
      ...(command.maxDurationSeconds === undefined
        ? {}
        : { maxDurationSeconds: command.maxDurationSeconds }),
    });
    report.succeeded(result, (performance.now() - startedMs) / 1000);
    return EXIT.ok;
  } catch (thrown) {
    const error = toSluiceError(thrown, "transcode_failed");
    report.failed(error);
    if (error.fault === "platform" && error.cause !== undefined) {
      terminal.err(`${String(error.cause)}\n`);
    }
    return exitCode() ?? exitCodeFor(error);
  }
};

const job = async (
  environment: Environment,
  { checkOnly }: { checkOnly: boolean },
): Promise<ExitCode> => {
  // Whoever launched us may die first; writing into its closed pipe must not end the job.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  const read = readJobSettings(environment);
  if ("problems" in read) {
    for (const problem of read.problems) terminal.err(`transcoder: ${problem}\n`);
    return EXIT.badSettings;
  }
  if (checkOnly) return EXIT.ok;
  returnFreedMemory();
  const { signal, exitCode } = untilSignalled();
  const log = (line: string) => terminal.err(`${line}\n`);
  const code = await runJob(read.settings, {
    signal,
    log,
    onHung: () => process.exit(EXIT.temporary),
    confine: (document) => confineJob(document, read.settings, { environment, log }),
  });
  // A signal that came after the work was done and reported has interrupted nothing.
  return code === EXIT.ok ? code : (exitCode() ?? code);
};

/** Does what the command line says; `args` are those after the program's own name. */
export const runCommandLine = async (
  args: readonly string[],
  environment: Environment,
): Promise<ExitCode> => {
  const command = readArguments(args);
  switch (command.kind) {
    case "help":
      terminal.out(`${HELP}\n`);
      return EXIT.ok;
    case "version":
      terminal.out(`transcoder ${version} (${commit}), FFmpeg ${ffmpegVersion()}\n`);
      return EXIT.ok;
    case "check":
      return job(environment, { checkOnly: true });
    case "job":
      return job(environment, { checkOnly: false });
    case "wrong":
      terminal.err(`transcoder: ${command.message}\nRun 'transcoder --help' for what it takes.\n`);
      return EXIT.usage;
    case "transcode":
      return convert(command);
  }
};
