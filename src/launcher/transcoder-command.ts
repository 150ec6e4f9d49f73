import { access, constants } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ConsumerConfig } from "../config.ts";
import { SluiceError } from "../errors.ts";
import { checkConfinement } from "./confinement.ts";

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

/**
 * For `--check` and the start; nothing to check where transcoders run elsewhere.
 * @throws SluiceError `transcoder_missing`, or `confinement_unavailable` where it is required
 */
export const checkTranscoder = async (
  config: Pick<ConsumerConfig, "LAUNCHER" | "TRANSCODER_PATH" | "TRANSCODER_CONFINEMENT">,
): Promise<void> => {
  if (config.LAUNCHER !== "process") {
    return;
  }
  await checkCommand(transcoderCommand(config.TRANSCODER_PATH));
  checkConfinement(config.TRANSCODER_CONFINEMENT);
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
