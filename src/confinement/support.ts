import { FULL_LANDLOCK_ABI, landlockAbi } from "./landlock.ts";

/** `require`: no job without confinement. `prefer`: as much as the kernel can, with a warning. */
export const CONFINEMENT_MODES = ["require", "prefer", "off"] as const;
export type ConfinementMode = (typeof CONFINEMENT_MODES)[number];

/** What this machine can do to confine a transcoder. */
export type ConfinementSupport = {
  /** Version of the kernel's Landlock; 0 for none. */
  readonly abi: number;
  /** For an operator: what holds, in a few words. */
  readonly summary: string;
  /** What is missing, as a sentence; null when nothing is. */
  readonly problem: string | null;
};

/** Asks the kernel; `abi` is for tests. */
export const confinementSupport = (abi = landlockAbi()): ConfinementSupport => {
  if (abi >= FULL_LANDLOCK_ABI) return { abi, summary: `landlock ${abi}`, problem: null };
  if (abi > 0) {
    return {
      abi,
      summary: `partial: landlock ${abi}`,
      problem: `The kernel's Landlock is version ${abi}; before ${FULL_LANDLOCK_ABI} (Linux 6.7) it cannot limit a transcoder's network${abi < 3 ? " nor keep it from truncating files" : ""}.`,
    };
  }
  return {
    abi,
    summary: "none: no landlock",
    problem:
      "The kernel has no Landlock or refuses it, so a transcoder can read whatever this user can: a file that breaks into the decoder reaches the secret and every video.",
  };
};
