import { engine, spawnEngine, tryEngine } from "./engine.ts";

export type Target = "api" | "consumer" | "transcoder" | "local";

/** The image of this test run. */
export const imageOf = (target: Target): string => `localhost/sluice-${target}:test-${process.pid}`;

/**
 * As an operator should run them: nothing can be written but the volume, no capability, no way to gain
 * rights. The network is the machine's own, where the tests' database listens.
 */
const LOCKED_DOWN = [
  ...["--read-only", "--read-only-tmpfs=false", "--cap-drop=all"],
  ...["--security-opt=no-new-privileges", "--network=host"],
  // Podman has systemd run them, which need not be there; the tests run the command themselves.
  "--no-healthcheck",
] as const;

type RunOptions = {
  readonly target: Target;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `volume:/path` or `/host:/path:ro`. */
  readonly volumes?: readonly string[];
};

const runArguments = ({ target, args = [], env = {}, volumes = [] }: RunOptions): string[] => [
  ...LOCKED_DOWN,
  ...Object.entries(env).map(([name, value]) => `--env=${name}=${value}`),
  ...volumes.map((volume) => `--volume=${volume}`),
  imageOf(target),
  ...args,
];

export type Ended = { readonly exitCode: number; readonly output: string };

/** Runs a container to its end and removes it. */
export const runToEnd = async (options: RunOptions): Promise<Ended> => {
  const { exitCode, stdout, stderr } = await tryEngine("podman", [
    ...["run", "--rm"],
    ...runArguments(options),
  ]);
  return { exitCode, output: stdout + stderr };
};

export type Container = {
  /** When its process was started, by the engine's account; milliseconds since 1970. */
  readonly startedAtMs: () => Promise<number>;
  readonly output: () => string;
  /** Runs a program of the image in it. */
  readonly exec: (...command: string[]) => Promise<Ended>;
  /** SIGTERM, as engines do. @returns the exit code */
  readonly stop: () => Promise<number>;
  readonly dispose: () => Promise<void>;
};

let containers = 0;

/** Starts a container whose process 1 is the image's own executable. */
export const start = (options: RunOptions): Container => {
  const name = `sluice-test-${process.pid}-${++containers}`;
  const child = spawnEngine("podman", ["run", "--name", name, ...runArguments(options)]);
  let text = "";
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
    }
  };
  void collect(child.stdout);
  void collect(child.stderr);
  return {
    startedAtMs: async () => {
      const [state] = JSON.parse(await engine("podman", "container", "inspect", name));
      return Date.parse(state.State.StartedAt);
    },
    output: () => text,
    exec: async (...command) => {
      const { exitCode, stdout, stderr } = await tryEngine("podman", ["exec", name, ...command]);
      return { exitCode, output: stdout + stderr };
    },
    stop: async () => {
      await engine("podman", "kill", "--signal=TERM", name);
      return await child.exited;
    },
    dispose: async () => {
      await tryEngine("podman", ["rm", "--force", name]);
    },
  };
};
