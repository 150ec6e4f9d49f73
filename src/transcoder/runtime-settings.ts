import { builtForImage } from "../version.ts";
import { replaceProcess } from "./replace-process.ts";
import { unpackFolder } from "./unpack-folder.ts";

/**
 * Bytes that may be allocated before the first garbage collection, and at least between two.
 *
 * The binding tells the runtime the size of every picture it hands over, and the runtime counts them
 * as garbage made although each is freed by hand. At the default of 8 MiB it collects once per two
 * pictures of a 1080p ladder: 187 times for 12 s of film, 4 % of all CPU time. At 256 MiB it is 36
 * times, and the peak of memory stays where it was (575 MiB).
 */
const HEAP_BYTES = 256 * 1024 * 1024;

/** The runtime reads these before any of our code runs; what is set already stays. */
const SETTINGS: Readonly<Record<string, () => string>> = {
  BUN_JSC_largeHeapSize: () => String(HEAP_BYTES),
  // Only an executable has something to unpack, and one made for an image does not.
  ...(Bun.isStandaloneExecutable && !builtForImage ? { BUN_TMPDIR: () => unpackFolder() } : {}),
};

/**
 * Starts this program again in the same process, with the runtime's settings in its environment;
 * does nothing the second time, and where the system cannot replace a process.
 * @throws Error when there is no safe folder to unpack into
 */
export const restartWithRuntimeSettings = (
  environment: Readonly<Record<string, string | undefined>>,
): void => {
  const missing = Object.entries(SETTINGS).filter(([name]) => environment[name] === undefined);
  if (missing.length === 0) return;
  const added = missing.map(([name, value]) => [name, value()] as const);
  replaceProcess({ ...environment, ...Object.fromEntries(added) });
};
