import { ptr } from "bun:ffi";
import { closeSync, openSync, statSync } from "node:fs";
import { errno, libc } from "./libc.ts";

/** System call numbers; the same on every architecture since they came later than 5.1 (landlock(7)). */
const CREATE_RULESET = 444;
const ADD_RULE = 445;
const RESTRICT_SELF = 446;
const CREATE_RULESET_VERSION = 1;
const RULE_PATH_BENEATH = 1;
const RULE_NET_PORT = 2;

/** Rights over files, `LANDLOCK_ACCESS_FS_*` of linux/landlock.h. */
const FS = {
  execute: 1n << 0n,
  writeFile: 1n << 1n,
  readFile: 1n << 2n,
  readDir: 1n << 3n,
  removeDir: 1n << 4n,
  removeFile: 1n << 5n,
  makeDir: 1n << 7n,
  makeRegular: 1n << 8n,
  truncate: 1n << 14n,
} as const;
/** Every right of the first version, sockets, devices and links among them. */
const FS_FIRST = (1n << 13n) - 1n;
/** Rights that came later: moving between folders (2), truncating (3), device controls (5). */
const FS_LATER: readonly (readonly [abi: number, right: bigint])[] = [
  [2, 1n << 13n],
  [3, FS.truncate],
  [5, 1n << 15n],
];
/** What can be granted for something that is no folder. */
const FS_OF_FILES = FS.execute | FS.writeFile | FS.readFile | FS.truncate;

const NET = { bindTcp: 1n << 0n, connectTcp: 1n << 1n } as const;
/** Abstract sockets and signals of processes outside. */
const SCOPES = 0b11n;

const GRANTS = {
  read: FS.readFile | FS.readDir,
  run: FS.readFile | FS.execute,
  write:
    FS.readFile |
    FS.readDir |
    FS.writeFile |
    FS.truncate |
    FS.makeRegular |
    FS.makeDir |
    FS.removeFile |
    FS.removeDir,
} as const;

/** What a shut-in process may still do; everything else is refused. Paths that do not exist are left out. */
export type LandlockRules = {
  /** Files, or folders with all below: read. */
  readonly read: readonly string[];
  /** Folders: the names of all below, but not what is in the files. */
  readonly list: readonly string[];
  /** Executables and their interpreters: read and execute. */
  readonly run: readonly string[];
  /** Folders: make, change and remove files and folders, but no links, sockets or devices. */
  readonly write: readonly string[];
  /** Single files and devices: read and write. */
  readonly readWrite: readonly string[];
  /** TCP ports that may be connected to; none may be listened on. Needs version 4. */
  readonly connectTcp: readonly number[];
};

/** From here on nothing that `LandlockRules` says is left out: 3 brought truncating, 4 the network. */
export const FULL_LANDLOCK_ABI = 4;

/** Version of the kernel's Landlock interface; 0 where it has none, has it off, or another system runs. */
export const landlockAbi = (): number => {
  if (process.platform !== "linux") return 0;
  try {
    const abi = libc().syscall(CREATE_RULESET, 0n, 0n, BigInt(CREATE_RULESET_VERSION), 0n, 0n);
    return Math.max(0, Number(abi));
  } catch {
    return 0;
  }
};

/**
 * Shuts in the calling thread for good, and with it every process it becomes or starts; other
 * threads of this process stay free (landlock(7)), so replace the process right after. `abi` is
 * what `landlockAbi` said. Needs `no_new_privs`.
 * @throws Error when the kernel refuses
 */
export const restrictThread = (rules: LandlockRules, abi: number): void => {
  const handled = FS_LATER.reduce(
    (rights, [since, right]) => (abi >= since ? rights | right : rights),
    FS_FIRST,
  );
  const attributes = new BigUint64Array([handled, NET.bindTcp | NET.connectTcp, SCOPES]);
  // Older kernels know a shorter structure: the network came with version 4, scopes with 6.
  const attributesBytes = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  const ruleset = call("create", CREATE_RULESET, address(attributes), attributesBytes, 0);
  try {
    const grant = (paths: readonly string[], rights: bigint) => {
      for (const path of paths) allowPath(ruleset, path, rights & handled);
    };
    grant(rules.read, GRANTS.read);
    grant(rules.list, FS.readDir);
    grant(rules.run, GRANTS.run);
    grant(rules.write, GRANTS.write);
    grant(rules.readWrite, FS.readFile | FS.writeFile | FS.truncate);
    for (const port of abi >= 4 ? rules.connectTcp : []) {
      const rule = new BigUint64Array([NET.connectTcp, BigInt(port)]);
      call("allow a port", ADD_RULE, BigInt(ruleset), RULE_NET_PORT, address(rule));
    }
    call("restrict", RESTRICT_SELF, BigInt(ruleset), 0, 0);
  } finally {
    closeSync(ruleset);
  }
};

/** Names a place without opening what lies there (open(2)); the same on x64 and arm64. */
const O_PATH = 0o10000000;

const allowPath = (ruleset: number, path: string, rights: bigint): void => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  const granted = stat.isDirectory() ? rights : rights & FS_OF_FILES;
  const place = openSync(path, O_PATH);
  try {
    // struct landlock_path_beneath_attr is packed: 8 bytes of rights, 4 of descriptor.
    const rule = Buffer.alloc(12);
    rule.writeBigUInt64LE(granted, 0);
    rule.writeInt32LE(place, 8);
    call(`allow ${path}`, ADD_RULE, BigInt(ruleset), RULE_PATH_BENEATH, address(rule));
  } finally {
    closeSync(place);
  }
};

const address = (bytes: NodeJS.TypedArray): bigint => BigInt(ptr(bytes));

const call = (what: string, number: number, a: bigint, b: number, c: bigint | number): number => {
  const result = Number(libc().syscall(number, a, BigInt(b), BigInt(c), 0n, 0n));
  if (result < 0) throw new Error(`Landlock refused to ${what} (errno ${errno()})`);
  return result;
};
