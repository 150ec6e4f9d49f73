import { CONFINEMENT_MODES, type ConfinementMode } from "../confinement/support.ts";

/** Settings of `transcoder job`; the launcher sets them. */
export type JobSettings = {
  /** Base address of the api's internal port. */
  readonly apiUrl: string;
  readonly jobId: string;
  readonly attempt: number;
  /** Worth something for this job and attempt alone. */
  readonly token: string;
  /** Longest time without a post while the job runs; default 5. */
  readonly heartbeatSeconds: number;
  /** Time without any progress after which the job gives itself up; default 120. */
  readonly watchdogSeconds: number;
  /** How it is shut in before it opens the source; default `prefer`. */
  readonly confinement: ConfinementMode;
};

/** Reads the environment; reports every problem at once. Pure. */
export const readJobSettings = (
  env: Readonly<Record<string, string | undefined>>,
): { readonly settings: JobSettings } | { readonly problems: readonly string[] } => {
  const problems: string[] = [];
  const required = (name: string): string => {
    const value = env[name] ?? "";
    if (value === "") problems.push(`${name} is not set.`);
    return value;
  };
  const positive = (name: string, fallback: number): number => {
    const text = env[name];
    if (text === undefined || text === "") return fallback;
    const value = Number(text);
    if (!(value > 0)) problems.push(`${name} must be a number above zero, not '${text}'.`);
    return value;
  };
  const apiUrl = required("SLUICE_API_URL");
  if (apiUrl !== "" && !/^https?:$/.test(URL.parse(apiUrl)?.protocol ?? "")) {
    problems.push(`SLUICE_API_URL must be an http(s) address, not '${apiUrl}'.`);
  }
  const jobId = required("SLUICE_JOB_ID");
  const attemptText = required("SLUICE_JOB_ATTEMPT");
  const attempt = Number(attemptText);
  if (attemptText !== "" && !(Number.isInteger(attempt) && attempt >= 1)) {
    problems.push(`SLUICE_JOB_ATTEMPT must be a whole number from 1, not '${attemptText}'.`);
  }
  const token = required("SLUICE_JOB_TOKEN");
  const heartbeatSeconds = positive("SLUICE_HEARTBEAT_SECONDS", 5);
  const watchdogSeconds = positive("SLUICE_WATCHDOG_SECONDS", 120);
  const mode = env.SLUICE_CONFINEMENT || "prefer";
  const confinement = CONFINEMENT_MODES.find((name) => name === mode);
  if (confinement === undefined) {
    problems.push(`SLUICE_CONFINEMENT must be ${CONFINEMENT_MODES.join(", ")}, not '${mode}'.`);
  }
  if (problems.length > 0 || confinement === undefined) return { problems };
  return {
    settings: {
      apiUrl: apiUrl.replace(/\/+$/, ""),
      jobId,
      attempt,
      token,
      heartbeatSeconds,
      watchdogSeconds,
      confinement,
    },
  };
};
