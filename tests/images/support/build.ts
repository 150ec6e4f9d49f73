import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { imageOf, type Target } from "./containers.ts";
import { engine, tryEngine } from "./engine.ts";
import { provideBases } from "./stand-ins.ts";

const root = resolve(import.meta.dir, "../../..");

export const TARGETS: readonly Target[] = ["api", "consumer", "transcoder", "local"];

/** Builds the real Dockerfile. @param options.tag default: the image of this test run */
export const buildImage = async (
  target: Target,
  options: { commit: string; tag?: string; cached?: boolean },
): Promise<void> => {
  const { commit, tag = imageOf(target), cached = true } = options;
  await provideBases(await buildBase());
  await engine(
    "buildah",
    ...["--isolation", "chroot", "build", "--format", "docker"],
    ...(process.env.SLUICE_TEST_BASES === "registry" ? [] : ["--pull=never"]),
    "--layers",
    ...(cached ? [] : ["--no-cache"]),
    ...["--target", target, "--tag", tag, "--build-arg", `COMMIT=${commit}`],
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

/** Takes the names away; layers stay for the next run. */
export const removeImages = async (): Promise<void> => {
  for (const target of TARGETS) {
    await tryEngine("buildah", ["untag", imageOf(target)]);
    await tryEngine("buildah", ["rmi", imageOf(target)]);
  }
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
