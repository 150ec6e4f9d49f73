import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { LaunchState } from "./index.ts";

type ProcessState = Exclude<LaunchState["kind"], "starting">;

/**
 * Finds a process again: `pid/start/boot`. Process ids are recycled, start times of one id are not;
 * the boot id tells this machine's run from another's.
 */
export type ProcessRef = { readonly pid: number; readonly start: string; readonly boot: string };

export const formatRef = ({ pid, start, boot }: ProcessRef): string => `${pid}/${start}/${boot}`;

/** @returns null for anything that `formatRef` did not make */
export const parseRef = (ref: string): ProcessRef | null => {
  const [, pid, start, boot] = /^([1-9]\d*)\/([^/]+)\/([^/]+)$/.exec(ref) ?? [];
  return pid && start && boot ? { pid: Number(pid), start, boot } : null;
};

/** The reference of a process that runs now; null when there is none, or only its remains. */
export const refOf = async (pid: number): Promise<ProcessRef | null> => {
  const start = await startOf(pid);
  return start === null ? null : { pid, start, boot: await bootId() };
};

/** `lost` for a process of another machine or before a reboot: nothing can be told from here. */
export const stateOf = async (ref: ProcessRef): Promise<ProcessState> => {
  if (ref.boot !== (await bootId())) {
    return "lost";
  }
  return (await startOf(ref.pid)) === ref.start ? "running" : "exited";
};

const isLinux = process.platform === "linux";

const startOf = (pid: number): Promise<string | null> =>
  isLinux ? startFromProc(pid) : startFromPs(pid);

/** Fields 3 (state) and 22 (start in clock ticks since boot) of /proc/pid/stat, proc_pid_stat(5). */
const startFromProc = async (pid: number): Promise<string | null> => {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (stat === null) {
    return null;
  }
  // The name in field 2 may hold spaces and parentheses: count from its last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, start] = [fields[0], fields[19]];
  const ended = state === "Z" || state === "X";
  return ended || start === undefined ? null : start;
};

const startFromPs = async (pid: number): Promise<string | null> => {
  const { stdout } = await promisify(execFile)("ps", [
    "-o",
    "stat=,lstart=",
    "-p",
    String(pid),
  ]).catch(() => ({ stdout: "" }));
  const [state = "", ...start] = stdout.trim().split(/\s+/);
  return state === "" || state.startsWith("Z") ? null : start.join("-");
};

/** Other systems get a constant: there, a start time with its date tells reboots apart. */
const bootId = async (): Promise<string> =>
  isLinux ? (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim() : "local";
