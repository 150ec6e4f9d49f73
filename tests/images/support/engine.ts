import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/**
 * Images and containers of the tests lie in a store of their own. Its bases and the newest build's
 * layers stay (`prune.ts`): the second run builds only what changed.
 */
export const store = join(tmpdir(), `sluice-images-${userInfo().uid}`);

const configuration = join(store, "containers.conf");
const storage = join(store, "storage.conf");
const policy = join(store, "policy.json");

/** Limits are named because the defaults ask for more than a test that runs in a container itself may have. */
const CONTAINERS_CONF = `
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "${Bun.which("runc") === null ? "crun" : "runc"}"
events_logger = "none"
cgroup_manager = "cgroupfs"
`;

const prepareStore = (): void => {
  mkdirSync(store, { recursive: true });
  writeFileSync(configuration, CONTAINERS_CONF);
  writeFileSync(
    storage,
    `[storage]\ndriver = "overlay"\ngraphroot = "${store}/root"\nrunroot = "${store}/run"\n`,
  );
  writeFileSync(policy, JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }));
};

export type EngineResult = {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
};

type Program = "buildah" | "podman";

const environment = () => ({
  ...process.env,
  CONTAINERS_CONF: configuration,
  CONTAINERS_STORAGE_CONF: storage,
});

/** Starts a command of the engine on the tests' own store. */
export const spawnEngine = (
  program: Program,
  args: readonly string[],
  options: { stdin?: string } = {},
) => {
  prepareStore();
  return Bun.spawn([program, ...args], {
    env: environment(),
    stdin: options.stdin === undefined ? "ignore" : new Blob([options.stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
};

/** Runs a command of the engine to its end. */
export const tryEngine = async (
  program: Program,
  args: readonly string[],
): Promise<EngineResult> => {
  const child = spawnEngine(program, args);
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
};

/** @returns what it printed @throws Error with what it said when it fails */
export const engine = async (program: Program, ...args: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await tryEngine(program, args);
  if (exitCode !== 0) {
    throw new Error(
      `${program} ${args.join(" ")}: ${exitCode}\n${stderr.slice(-4000)}${stdout.slice(-2000)}`,
    );
  }
  return stdout.trim();
};
