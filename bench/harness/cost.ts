/** What one run of one or more processes cost. */
export type Cost = {
  readonly wallSeconds: number;
  /** User and system time of the process and of all its children. */
  readonly cpuSeconds: number;
  /** Largest resident set of any one process among them. */
  readonly peakRssBytes: number;
};

/**
 * Runs a command to its end and measures it as the kernel accounts it (`wait4`).
 * @throws Error with the end of its standard error when it does not exit with 0
 */
export const measureCommand = async (command: readonly string[]): Promise<Cost> => {
  const startedAt = performance.now();
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const [errors, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  const wallSeconds = (performance.now() - startedAt) / 1000;
  const usage = child.resourceUsage();
  if (exitCode !== 0 || usage === undefined) {
    throw new Error(`${command.join(" ")} exited with ${exitCode}:\n${errors.slice(-2000)}`);
  }
  return {
    wallSeconds,
    cpuSeconds: Number(usage.cpuTime.total) / 1e6,
    peakRssBytes: usage.maxRSS,
  };
};

/** Cost of commands run one after the other. */
export const measureSequence = async (commands: readonly (readonly string[])[]): Promise<Cost> => {
  const costs: Cost[] = [];
  for (const command of commands) costs.push(await measureCommand(command));
  return {
    wallSeconds: costs.reduce((sum, cost) => sum + cost.wallSeconds, 0),
    cpuSeconds: costs.reduce((sum, cost) => sum + cost.cpuSeconds, 0),
    peakRssBytes: Math.max(...costs.map((cost) => cost.peakRssBytes)),
  };
};
