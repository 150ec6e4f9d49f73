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

/** Linux counts CPU time in hundredths of a second (`sysconf(_SC_CLK_TCK)`) on every architecture. */
const TICKS_PER_SECOND = 100;

/** User and system time of a running process so far, in seconds (Linux: `/proc/<pid>/stat`). */
export const processCpuSeconds = async (pid: number): Promise<number> => {
  const stat = await Bun.file(`/proc/${pid}/stat`).text();
  // The name in parentheses may hold spaces; user and system time are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};
