import { mkdir } from "node:fs/promises";
import { restrictThread } from "../confinement/landlock.ts";
import { limitProcess } from "../confinement/process-limits.ts";
import { confinementSupport } from "../confinement/support.ts";
import { SluiceError } from "../errors.ts";
import type { JobDocument } from "../videos/job-message.ts";
import { jobRules } from "./job-rules.ts";
import type { JobSettings } from "./job-settings.ts";
import { replaceProcess } from "./replace-process.ts";

/** Set in the second run, which is confined as far as it says; a third one would change nothing. */
const CONFINED = "SLUICE_CONFINED";

/**
 * Largest single file a job writes, a segment of a few megabytes; and open files, of which it needs
 * some forty. Far above both, and far below what hurts.
 */
const LIMITS = { fileBytes: 2 * 1024 ** 3, openFiles: 1024 } as const;

/**
 * Takes from this process what its job does not need (files but the source and the output, the
 * network but the api, and limits) and starts it again, so that every thread is born without.
 * Comes back only in that second run, or with a warning where the kernel cannot do it.
 * @throws SluiceError `confinement_unavailable` when it is required and cannot be had whole
 */
export const confineJob = async (
  document: JobDocument,
  settings: JobSettings,
  {
    environment,
    log,
  }: {
    environment: Readonly<Record<string, string | undefined>>;
    log: (line: string) => void;
  },
): Promise<void> => {
  if (settings.confinement === "off" || environment[CONFINED] !== undefined) return;
  const support = confinementSupport();
  const warn = (problem: string, cause?: unknown) => {
    if (settings.confinement === "require") {
      throw new SluiceError("confinement_unavailable", { message: problem, cause });
    }
    log(`transcoder: WARNING: not fully confined. ${problem}`);
  };
  if (support.problem !== null) warn(support.problem);
  if (process.platform !== "linux") return;
  try {
    // A rule needs the folder to be there.
    if (document.output.adapter === "disk") await mkdir(document.output.path, { recursive: true });
    limitProcess(LIMITS);
    if (support.abi > 0) restrictThread(await jobRules(document, settings.apiUrl), support.abi);
  } catch (thrown) {
    warn(`${thrown instanceof Error ? thrown.message : String(thrown)}.`, thrown);
  }
  replaceProcess({ ...environment, [CONFINED]: support.summary });
  throw new SluiceError("confinement_unavailable", {
    message: "The transcoder could not start itself again after it was confined.",
  });
};
