import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transcode } from "../../../src/transcoder/transcode.ts";
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

/** One whole segment and a short one, in all three rungs, with sound. */
export const makePresentation = async (): Promise<TestPresentation> => {
  const parent = await mkdtemp(join(tmpdir(), "sluice-playback-"));
  const folder = join(parent, "out");
  const { signal } = new AbortController();
  await transcode(await media("full-hd-5s.mp4"), folder, { signal, onEvent: () => {} });
  const files = ["init.mp4", "1.m4s", "2.m4s"];
  return {
    folder,
    durationSeconds: 5,
    framesPerSecond: 25,
    mediaPaths: (height) =>
      [`v/${height}`, "a/und"].flatMap((track) => files.map((file) => `${track}/${file}`)),
    remove: () => rm(parent, { recursive: true, force: true }),
  };
};
