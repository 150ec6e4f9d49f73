import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { detailMedia } from "../../fixtures/detail-media.ts";
import { ffmpeg } from "../../fixtures/media.ts";
import { convert, scratch } from "./judge.ts";

const namesOf = async (source: string) => {
  await using folder = await scratch();
  const { renditions, warnings } = await convert(source, join(folder.path, "out"));
  return [renditions.map(({ name }) => name), warnings.map(({ code }) => code)];
};

describe("a rung that would show nothing more is left out", () => {
  test("a small film that was enlarged", async () => {
    expect(await namesOf(await detailMedia("enlarged.mp4"))).toEqual([
      ["360p"],
      ["rendition_left_out"],
    ]);
  }, 120_000);

  test("the same in a transport stream", async () => {
    await using folder = await scratch();
    const stream = join(folder.path, "enlarged.ts");
    await ffmpeg(["-i", await detailMedia("enlarged.mp4"), "-c", "copy", stream]);
    expect(await namesOf(stream)).toEqual([["360p"], ["rendition_left_out"]]);
  }, 120_000);

  test("an enlarged one that was filmed upright keeps to its own sides", async () => {
    expect(await namesOf(await detailMedia("enlarged-portrait.mp4"))).toEqual([
      ["360p"],
      ["rendition_left_out"],
    ]);
  }, 120_000);

  test("not where one scene is sharp", async () => {
    expect(await namesOf(await detailMedia("sharp-at-the-end.mp4"))).toEqual([
      ["360p", "720p"],
      [],
    ]);
  }, 120_000);

  test("not by black pictures alone", async () => {
    expect(await namesOf(await detailMedia("black.mp4"))).toEqual([["360p", "720p"], []]);
  }, 120_000);
});
