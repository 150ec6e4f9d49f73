import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { imageOf, type Target } from "./containers.ts";
import { engine, tryEngine } from "./engine.ts";
import { CACHE, pruneStore, useStore } from "./prune.ts";
import { provideBases } from "./stand-ins.ts";

const root = resolve(import.meta.dir, "../../..");

export const TARGETS: readonly Target[] = ["api", "consumer", "transcoder", "local"];

/** Every image is built for it: another one would have everything compiled again. */
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** Builds the real Dockerfile. @param options.tag default: the image of this test run */
export const buildImage = async (
  target: Target,
  options: { tag?: string; cached?: boolean } = {},
): Promise<void> => {
  const { tag = imageOf(target), cached = true } = options;
  useStore();
  await provideBases(await buildBase());
  await build(target, tag, cached);
  if (cached) {
    await build("build", CACHE, true);
  }
};

const build = async (stage: string, tag: string, cached: boolean): Promise<void> => {
  await engine(
    "buildah",
    ...["--isolation", "chroot", "build", "--format", "docker"],
    ...(process.env.SLUICE_TEST_BASES === "registry" ? [] : ["--pull=never"]),
    "--layers",
    ...(cached ? [] : ["--no-cache"]),
    ...["--target", stage, "--tag", tag, "--build-arg", `COMMIT=${COMMIT}`],
    root,
  );
};

/** The image that the Dockerfile's first stage starts from. */
const buildBase = async (): Promise<string> => {
  const dockerfile = await readFile(join(root, "Dockerfile"), "utf8");
  const name = /^FROM \S+ (\S+) AS build$/m.exec(dockerfile)?.[1];
  if (name === undefined) {
    throw new Error("the Dockerfile's first FROM was not understood");
  }
  return name;
};

/** Takes the names away, and removes all that the next run has no use for. */
export const removeImages = async (): Promise<void> => {
  for (const target of TARGETS) {
    await tryEngine("buildah", ["untag", imageOf(target)]);
    await tryEngine("buildah", ["rmi", imageOf(target)]);
  }
  await pruneStore();
};

export type ImageConfig = {
  readonly Size: number;
  readonly RootFS: { readonly Layers: readonly string[] };
  readonly Config: {
    readonly User: string;
    readonly Env: readonly string[];
    readonly Entrypoint: readonly string[];
    readonly StopSignal: string;
    readonly Labels: Readonly<Record<string, string>>;
    readonly Volumes?: Readonly<Record<string, unknown>>;
  };
  readonly Healthcheck?: { readonly Test: readonly string[] };
};

export const inspectImage = async (name: string): Promise<ImageConfig> => {
  const [found] = JSON.parse(await engine("podman", "image", "inspect", name)) as ImageConfig[];
  if (found === undefined) {
    throw new Error(`${name} is not there`);
  }
  return found;
};
