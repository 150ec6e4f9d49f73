import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { LandlockRules } from "../confinement/landlock.ts";
import type { ObjectLocation, S3Location } from "../storage/object-location.ts";
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
 * the api's port, and for what lies in S3 the ports of the store and of the task's own credentials.
 */
export const jobRules = async (document: JobDocument, apiUrl: string): Promise<LandlockRules> => {
  const loaded = await loadedFiles();
  const program = programFiles(loaded);
  return {
    read: [
      ...pathsOf(document.source, document.resumeFrom),
      ...SYSTEM_FILES,
      ...loaded,
      ...program.read,
    ],
    list: program.list,
    run: [process.execPath, ...loaded.filter((path) => /^ld[-.]/.test(basename(path)))],
    write: pathsOf(document.output),
    readWrite: ["/dev/null"],
    connectTcp: jobPorts(document, apiUrl),
  };
};

/** Where a role's own credentials come from: an address of the machine (HTTP), or STS (HTTPS). */
const CREDENTIALS_PORTS = [80, 443] as const;

/** TCP ports that a job connects to. A rule names ports and no hosts: that is all that Landlock knows. */
export const jobPorts = (document: JobDocument, apiUrl: string): number[] => {
  const stores = [document.source, document.output].filter((place) => place.adapter === "s3");
  const ownRole = stores.length > 0 && document.scopedCredentials !== true;
  const ports = [
    portOf(new URL(apiUrl)),
    ...stores.map(storePort),
    ...(ownRole ? CREDENTIALS_PORTS : []),
  ];
  return [...new Set(ports)];
};

const storePort = ({ endpoint }: S3Location): number =>
  endpoint === null ? 443 : portOf(new URL(endpoint));

const pathsOf = (...places: readonly (ObjectLocation | undefined)[]): string[] =>
  places.flatMap((place) => (place?.adapter === "disk" ? [place.path] : []));

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
