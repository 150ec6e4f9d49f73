import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MediaFixture, media, rotated, sizeChange } from "../fixtures/media.ts";
import { checkPresentation } from "./checker/check-presentation.ts";
import { convertToFolder } from "./convert.ts";

/** Sources that differ in what ends up in the presentation: rates, sizes, sound, length. */
const fixtures: readonly MediaFixture[] = [
  "landscape.mp4",
  "bframes-open-gop.mp4",
  "portrait.mp4",
  "odd-size.mp4",
  "below-ladder.mp4",
  "anamorphic.mp4",
  "hevc.mp4",
  "vp9-opus.webm",
  "mpeg4-mp3.avi",
  "mpeg2-10s.ts",
  "interlaced-10s.mp4",
  "hdr-pq.mkv",
  "variable-rate.mkv",
  "no-audio.mp4",
  "mono.mp4",
  "surround.mp4",
  "late-audio.mkv",
  "two-languages.mkv",
  "one-picture.mp4",
  "flash-and-beep.mp4",
  "full-hd-5s.mp4",
];

const sources: readonly (readonly [string, () => Promise<string>])[] = [
  ...fixtures.map((name) => [name, () => media(name)] as const),
  ["rotated by 90 degrees", () => rotated(90)],
  ["size-change.ts", sizeChange],
];

describe("the checker finds nothing in", () => {
  test.each(sources)(
    "%s",
    async (_, source) => {
      const folder = await mkdtemp(join(tmpdir(), "sluice-conformance-"));
      try {
        await convertToFolder(await source(), folder);
        expect(await checkPresentation(folder)).toEqual([]);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    180_000,
  );
});
