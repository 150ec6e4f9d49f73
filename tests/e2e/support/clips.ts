import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Real footage, 1080p H.264/AAC, 12.46 s, about 23.98 fps. */
export const realClip = resolve(
  import.meta.dir,
  "../../../node_modules/startbootstrap-coming-soon/dist/assets/mp4/bg.mp4",
);

const cache = join(tmpdir(), "sluice-test-clips");

/**
 * A generated clip: moving test picture with a counter, and a tone.
 * @param options.seconds length
 * @param options.height short side, 16:9
 */
export const testClip = async (options: { seconds: number; height: number }): Promise<string> => {
  const { seconds, height } = options;
  const path = join(cache, `test-${height}p-${seconds}s.mp4`);
  if (existsSync(path)) {
    return path;
  }
  await mkdir(cache, { recursive: true });
  const width = Math.round((height * 16) / 9 / 2) * 2;
  const unfinished = `${path}.${process.pid}.mp4`;
  const ffmpeg = Bun.spawn(
    [
      "ffmpeg",
      "-v",
      "error",
      "-y",
      "-f",
      "lavfi",
      "-i",
      `testsrc2=size=${width}x${height}:rate=25:duration=${seconds}`,
      "-f",
      "lavfi",
      "-i",
      `sine=frequency=440:duration=${seconds}`,
      "-c:v",
      "libx264",
      "-preset",
      "ultrafast",
      "-pix_fmt",
      "yuv420p",
      "-c:a",
      "aac",
      unfinished,
    ],
    { stdout: "ignore", stderr: "inherit" },
  );
  if ((await ffmpeg.exited) !== 0) {
    throw new Error("ffmpeg could not make the test clip");
  }
  await rename(unfinished, path);
  return path;
};

export const bytesOf = async (path: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await Bun.file(path).arrayBuffer());
