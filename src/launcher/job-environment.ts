import type { ConfinementMode } from "../confinement/support.ts";
import type { LaunchRequest } from "./index.ts";

/** What every transcoder is told beside its job. */
export type JobEnvironmentOptions = {
  /** Where the transcoder reaches the api's internal port. */
  readonly internalUrl: string;
  /** A transcoder reports at least so often, also when nothing changed. */
  readonly heartbeatSeconds: number;
  /** Whether each shuts itself in before it opens its source. */
  readonly confinement: ConfinementMode;
};

/** The settings of one attempt, exactly as `src/transcoder/job-settings.ts` reads them. */
export const jobEnvironment = (
  { internalUrl, heartbeatSeconds, confinement }: JobEnvironmentOptions,
  { jobId, attempt, token }: Pick<LaunchRequest, "jobId" | "attempt" | "token">,
): Record<string, string> => ({
  SLUICE_API_URL: internalUrl,
  SLUICE_JOB_ID: jobId,
  SLUICE_JOB_ATTEMPT: String(attempt),
  SLUICE_JOB_TOKEN: token,
  SLUICE_HEARTBEAT_SECONDS: String(heartbeatSeconds),
  SLUICE_CONFINEMENT: confinement,
});
