import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MediaFixture, media, rotated, sizeChange } from "../fixtures/media.ts";
import { checkPresentation } from "./checker/check-presentation.ts";
import { convertToFolder } from "./convert.ts";

/** What tests/integration/transcoder/conformance.test.ts does not put before all judges already. */
const fixtures: readonly MediaFixture[] = [
  "hevc.mp4",
  "vp9-opus.webm",
  "mpeg4-mp3.avi",
  "mpeg2-10s.ts",
  "interlaced-10s.mp4",
  "hdr-pq.mkv",
  "variable-rate.mkv",
  "flash-and-beep.mp4",
];

const sources: readonly (readonly [string, () => Promise<string>])[] = [
  ...fixtures.map((name) => [name, () => media(name)] as const),
  ["rotated by 270 degrees", () => rotated(270)],
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
