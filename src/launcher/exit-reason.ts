import type { LaunchEnd } from "./index.ts";

/** Signals by which the system or a person ends a process, as opposed to its own crash. */
const SIGNAL_REASONS: Record<string, string> = {
  SIGKILL: "it was killed",
  SIGTERM: "it was asked to stop",
  SIGINT: "it was interrupted",
  SIGSEGV: "it crashed with a memory error",
  SIGBUS: "it crashed with a memory error",
  SIGABRT: "it aborted",
  SIGILL: "it met an instruction that this processor does not have",
};

/**
 * What an end means, with a sentence for people.
 * @param ended.outOfMemory whether the kernel killed something for want of memory while it ran
 */
export const exitReason = (ended: {
  exitCode: number | null;
  signal: string | null;
  outOfMemory: boolean;
}): Pick<LaunchEnd, "code" | "reason"> => {
  const { exitCode, signal, outOfMemory } = ended;
  if (signal === null) {
    return { code: null, reason: `The transcoder ended with exit code ${exitCode}.` };
  }
  if (signal === "SIGKILL" && outOfMemory) {
    return {
      code: "transcoder_out_of_memory",
      reason: "The transcoder was killed because the machine ran out of memory.",
    };
  }
  // The alarm clock of src/transcoder/event-loop-alarm.ts.
  if (signal === "SIGALRM") {
    return {
      code: "transcode_stalled",
      reason: "The transcoder stood still in a call that does not return and was ended.",
    };
  }
  const what = SIGNAL_REASONS[signal] ?? "it was ended by a signal";
  const asked = signal === "SIGTERM" || signal === "SIGINT";
  return {
    code: asked ? "interrupted" : "transcoder_crashed",
    reason: `The transcoder stopped unexpectedly: ${what} (${signal}).`,
  };
};
