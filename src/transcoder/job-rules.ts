import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { LandlockRules } from "../confinement/landlock.ts";
import { diskPathOf } from "../storage/object-location.ts";
import type { JobDocument } from "../videos/job-message.ts";

/** What the C library, the JavaScript runtime and x264 read of any system; nothing in it is secret. */
const SYSTEM_FILES = [
  // Shared libraries, also those that only a name look-up loads.
  ...["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"],
  // Names and certificates, for an api that is reached by name.
  ...["/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf"],
  ...["/etc/ssl", "/usr/share/ca-certificates"],
  ...["/etc/localtime", "/usr/share/zoneinfo"],
  // Its own figures, not those of other processes: their files would tell about whoever started it.
  "/proc/self",
  ...["/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm"],
  // Processors and memory, by which threads are counted.
  ...["/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/fs/cgroup"],
  "/sys/kernel/mm/transparent_hugepage",
  ...["/dev/urandom", "/dev/random", "/dev/zero"],
] as const;

/**
 * What one job may reach: its source and its output, this program and the libraries it has loaded,
 * and the api's port.
 */
export const jobRules = async (document: JobDocument, apiUrl: string): Promise<LandlockRules> => {
  const loaded = await loadedFiles();
  const program = programFiles(loaded);
  return {
    read: [
      diskPathOf(document.source),
      ...(document.resumeFrom === undefined ? [] : [diskPathOf(document.resumeFrom)]),
      ...SYSTEM_FILES,
      ...loaded,
      ...program.read,
    ],
    list: program.list,
    run: [process.execPath, ...loaded.filter((path) => /^ld[-.]/.test(basename(path)))],
    write: [diskPathOf(document.output)],
    readWrite: ["/dev/null"],
    connectTcp: [portOf(new URL(apiUrl))],
  };
};

/** Every file that is mapped into this process (proc_pid_maps(5)): libraries, and the addon where it was unpacked to. */
const loadedFiles = async (): Promise<string[]> => {
  const maps = await readFile("/proc/self/maps", "utf8");
  return [...new Set(maps.match(/\/(?!memfd:)\S.*(?<! \(deleted\))$/gm) ?? [])];
};

/**
 * What the program needs of itself. An executable looks into the folder of its unpacked addon. From
 * source, modules are looked up by listing the project's folder, whose files stay closed, because
 * the data folder can be one of them.
 */
const programFiles = (loaded: readonly string[]): Pick<LandlockRules, "read" | "list"> => {
  if (Bun.isStandaloneExecutable) {
    return { read: [], list: loaded.filter((path) => path.endsWith(".node")).map(dirname) };
  }
  const root = resolve(import.meta.dir, "../..");
  const names = ["src", "node_modules", "package.json", "tsconfig.json"];
  return { read: names.map((name) => join(root, name)), list: [root] };
};

const portOf = ({ port, protocol }: URL): number =>
  port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
