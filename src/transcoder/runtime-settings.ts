import { replaceProcess } from "./replace-process.ts";

/**
 * Bytes that may be allocated before the first garbage collection, and at least between two.
 *
 * The binding tells the runtime the size of every picture it hands over, and the runtime counts them
 * as garbage made although each is freed by hand. At the default of 8 MiB it collects once per two
 * pictures of a 1080p ladder: 187 times for 12 s of film, 4 % of all CPU time. At 256 MiB it is 36
 * times, and the peak of memory stays where it was (575 MiB).
 */
const HEAP_BYTES = 256 * 1024 * 1024;

/** The runtime reads names of this form before any of our code runs. */
const SETTINGS = { BUN_JSC_largeHeapSize: String(HEAP_BYTES) } as const;

/**
 * Starts this program again in the same process, with the runtime's settings in its environment;
 * does nothing the second time, and where the system cannot replace a process.
 */
export const restartWithRuntimeSettings = (
  environment: Readonly<Record<string, string | undefined>>,
): void => {
  if (Object.keys(SETTINGS).every((name) => environment[name] !== undefined)) return;
  replaceProcess({ ...SETTINGS, ...environment });
};
