import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transcode } from "../../../src/transcoder/transcode.ts";
import { copyMedia, PICTURES, RATE } from "../../fixtures/copy-media.ts";
import { media } from "../../fixtures/media.ts";

export type TestPresentation = {
  /** Holds the manifests. */
  readonly folder: string;
  readonly durationSeconds: number;
  readonly framesPerSecond: number;
  /** The segments that playing the rung of this height from start to end needs. */
  mediaPaths(height: number): string[];
  remove(): Promise<void>;
};

type Recipe = {
  readonly source: () => Promise<string>;
  readonly durationSeconds: number;
  readonly framesPerSecond: number;
  readonly segments: number;
  /** Heights of the rungs that are played. */
  readonly heights: readonly number[];
};

const recipes = {
  /** One whole segment and a short one, in all three rungs, with sound. */
  encoded: {
    source: () => media("full-hd-5s.mp4"),
    durationSeconds: 5,
    framesPerSecond: 25,
    segments: 2,
    heights: [360, 720, 1080],
  },
  /** The source's own pictures, B pictures among them, in the highest rung, which is played; uneven segments. */
  copied: {
    source: () => copyMedia("copy-720.mp4"),
    durationSeconds: PICTURES / RATE,
    framesPerSecond: RATE,
    segments: 3,
    heights: [720],
  },
} as const satisfies Record<string, Recipe>;

export type PresentationName = keyof typeof recipes;

/** Every presentation with each of its rungs. */
export const rungsToPlay = (Object.keys(recipes) as PresentationName[]).flatMap((name) =>
  recipes[name].heights.map((height) => [name, height] as const),
);

export const makePresentation = async (name: PresentationName): Promise<TestPresentation> => {
  const { source, segments, durationSeconds, framesPerSecond } = recipes[name];
  const parent = await mkdtemp(join(tmpdir(), "sluice-playback-"));
  const folder = join(parent, "out");
  const { signal } = new AbortController();
  await transcode(await source(), folder, { signal, onEvent: () => {} });
  const numbers = Array.from({ length: segments }, (_, index) => `${index + 1}.m4s`);
  return {
    folder,
    durationSeconds,
    framesPerSecond,
    mediaPaths: (height) =>
      [`v/${height}`, "a/und"].flatMap((track) =>
        ["init.mp4", ...numbers].map((file) => `${track}/${file}`),
      ),
    remove: () => rm(parent, { recursive: true, force: true }),
  };
};
