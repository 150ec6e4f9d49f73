/** Resident set of a running process, in bytes (Linux: `/proc/<pid>/status`). */
export const residentBytes = (pid: number): Promise<number> => statusBytes(pid, "VmRSS");

/** Largest resident set since the process started, or since `resetPeak`, in bytes. */
export const peakResidentBytes = (pid: number): Promise<number> => statusBytes(pid, "VmHWM");

/** Makes the peak start again from the present resident set (Linux: `proc_pid_clear_refs(5)`). */
export const resetPeak = async (pid: number): Promise<void> => {
  await Bun.write(`/proc/${pid}/clear_refs`, "5");
};

const statusBytes = async (pid: number, field: string): Promise<number> => {
  const status = await Bun.file(`/proc/${pid}/status`).text();
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`no ${field} for process ${pid}`);
  return Number(kibibytes) * 1024;
};
