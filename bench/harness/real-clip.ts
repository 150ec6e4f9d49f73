import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { $ } from "bun";
import { systemFfmpeg } from "./ffmpeg.ts";

/** Files that benchmarks make once and keep; not committed. */
const cacheFolder = join(import.meta.dir, "..", ".cache");

/** Real footage: 1080p H.264 with AAC, 12.46 s at 23.98 frames/s, from startbootstrap-coming-soon (not ours to copy). */
export const realClip = join(
  import.meta.dir,
  "../../node_modules/startbootstrap-coming-soon/dist/assets/mp4/bg.mp4",
);

/** The same clip `times` times in a row, copied without encoding. */
export const repeatedClip = async (times: number): Promise<string> => {
  const file = join(cacheFolder, `clip-times-${times}.mp4`);
  if (await Bun.file(file).exists()) return file;
  await mkdir(cacheFolder, { recursive: true });
  const loops = times - 1;
  await $`${systemFfmpeg()} -v error -y -stream_loop ${loops} -i ${realClip} -c copy ${file}`.quiet();
  return file;
};
