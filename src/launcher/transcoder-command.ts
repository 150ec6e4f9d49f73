import { access, constants } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SluiceError } from "../errors.ts";

/**
 * How the transcoder is started: `path` where it is set, else the executable beside this one, else,
 * when this process runs from source, the source of the transcoder.
 */
export const transcoderCommand = (path: string | undefined): readonly [string, ...string[]] => {
  if (path !== undefined) {
    return [path];
  }
  // With bytecode, import.meta.dir of an executable is the folder it was built in.
  return Bun.isStandaloneExecutable
    ? [join(dirname(process.execPath), "transcoder")]
    : [process.execPath, join(import.meta.dir, "../transcoder/index.ts")];
};

/** For `--check` and readiness. @throws SluiceError `transcoder_missing` */
export const checkTranscoder = async (path: string | undefined): Promise<void> => {
  await checkCommand(transcoderCommand(path));
};

/** @throws SluiceError `transcoder_missing` naming what was looked for */
export const checkCommand = async (command: readonly string[]): Promise<void> => {
  const [program = "", script] = command;
  try {
    await access(program, constants.X_OK);
    if (script !== undefined) {
      await access(script, constants.R_OK);
    }
  } catch (cause) {
    throw new SluiceError("transcoder_missing", {
      cause,
      message: `The transcoder was not found at ${script ?? program}; put it beside the api or set TRANSCODER_PATH.`,
    });
  }
};
