import { type ConfinementMode, confinementSupport } from "../confinement/support.ts";
import { SluiceError } from "../errors.ts";
import type { Log } from "../log.ts";

/** What an operator is told about how transcoders are shut in on this machine. */
export type ConfinementState = {
  /** For `/health/ready`: `landlock 7` when all is well, else it starts with `partial`, `none` or `off`. */
  readonly summary: string;
  /** Null when all is well. */
  readonly warning: string | null;
};

/** @param support what the kernel can do; the default asks it */
export const confinementState = (
  mode: ConfinementMode,
  support = confinementSupport(),
): ConfinementState =>
  mode === "off"
    ? { summary: "off", warning: "TRANSCODER_CONFINEMENT is off: decoders are not shut in." }
    : { summary: support.summary, warning: support.problem };

/** @throws SluiceError `confinement_unavailable` where it is required and the kernel cannot do it whole */
export const checkConfinement = (mode: ConfinementMode, state = confinementState(mode)): void => {
  if (mode === "require" && state.warning !== null) {
    throw new SluiceError("confinement_unavailable", {
      message: `TRANSCODER_CONFINEMENT is \`require\`, which this machine cannot do. ${state.warning}`,
    });
  }
};

/** Once at the start, loud enough to be found. */
export const warnOfConfinement = (mode: ConfinementMode, log: Log): void => {
  const { summary, warning } = confinementState(mode);
  if (warning !== null) {
    log.warn({ confinement: summary }, `TRANSCODERS ARE NOT FULLY CONFINED. ${warning}`);
  }
};
