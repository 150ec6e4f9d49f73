import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  externalReference,
  type StreamFixture,
  streams,
  withAttachment,
} from "../../fixtures/stream-media.ts";
import { convert, countDecoded, joinTrack, run, scratch, ssim } from "./judge.ts";

/** The drawn picture beside plain red ones: any other choice is far below. */
const LEAST_SSIM = 0.9;

const expectDrawnPicture = async (source: string, warnings: string[]): Promise<string> => {
  await using folder = await scratch();
  const out = join(folder.path, "out");
  const result = await convert(source, out);
  expect(result.warnings.map(({ code }) => code)).toEqual(warnings);
  expect([result.width, result.height]).toEqual([320, 180]);
  const made = await joinTrack(join(out, "v/360"), join(folder.path, "v.mp4"));
  expect(Math.abs((await countDecoded(made)) - 10)).toBeLessThanOrEqual(1);
  expect(await ssim(made, await streams("drawn.mkv"), 25)).toBeGreaterThan(LEAST_SSIM);
  return result.warnings[0]?.message ?? "";
};

describe("of several videos the right one is chosen, and told", () => {
  const chosen: readonly [StreamFixture, said: string][] = [
    [
      "default-is-second.mkv",
      "stream 1 (h264, 320x180) was taken, stream 0 (h264, 640x360) left out",
    ],
    [
      "largest-is-second.ts",
      "stream 1 (h264, 320x180) was taken, stream 0 (h264, 160x90) left out",
    ],
    [
      "first-of-equals.mov",
      "stream 0 (h264, 320x180) was taken, stream 1 (h264, 320x180) left out",
    ],
    [
      "usable-is-second.mkv",
      "stream 1 (h264, 320x180) was taken, stream 0 (magicyuv, 640x360) left out",
    ],
  ];
  for (const [name, said] of chosen) {
    test(name, async () => {
      expect(await expectDrawnPicture(await streams(name), ["other_video_ignored"])).toContain(
        said,
      );
    }, 180_000);
  }
});

describe("what is no video is passed over in silence", () => {
  for (const name of ["cover.mp4", "timecode-track.mov"] as const) {
    test(name, async () => {
      await expectDrawnPicture(await streams(name), []);
    }, 180_000);
  }

  test("an attachment", async () => {
    await expectDrawnPicture(await withAttachment(), []);
  }, 180_000);
});

test("samples in another file are not fetched from there", async () => {
  await using folder = await scratch();
  const { reference } = await externalReference(folder.path);
  // A player that follows references shows the film, so it is the reference that is refused, and not a broken file.
  const { out } = await run([
    ..."/usr/bin/ffmpeg -v error -enable_drefs 1 -i".split(" "),
    reference,
    ..."-f rawvideo -vf scale=2:2,format=gray -".split(" "),
  ]);
  expect(out.length).toBe(10 * 4);
  await expect(convert(reference, join(folder.path, "out"))).rejects.toMatchObject({
    code: "source_undecodable",
  });
}, 180_000);
