import { expect, test } from "bun:test";
import { join } from "node:path";
import { NUMBER_SIZE, numberedVideo, numberOf } from "../../fixtures/time-media.ts";
import { convert, joinTrack, run, scratch, segmentNumbers } from "./judge.ts";

const HOURS = 12;
const SLIDE_SECONDS = 60;
const SEGMENT_SECONDS = 4;

/** What a run of 12 hours may hold beyond one of a few seconds: per-segment numbers, caches of the allocator; never pictures. */
const MOST_GROWTH_MIB = 250;

test("a slide show of 12 hours is whole, on time and as cheap as its pictures", async () => {
  await using folder = await scratch();
  const count = (HOURS * 3600) / SLIDE_SECONDS;
  const source = await numberedVideo({
    name: "slides-12h.mp4",
    time: `N*${SLIDE_SECONDS}`,
    count,
    args: "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -crf 18 -g 10",
  });
  const before = process.memoryUsage().rss;
  const result = await convert(source, join(folder.path, "out"));
  expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(MOST_GROWTH_MIB);
  expect(result.warnings).toEqual([]);
  expect(result.frameRate).toBe(5);
  // The last slide lasts as long as the file says: a moment.
  const seconds = (count - 1) * SLIDE_SECONDS;
  expect(Math.abs(result.durationSeconds - seconds)).toBeLessThan(1);

  const track = join(folder.path, "out/v/360");
  const segments = await segmentNumbers(track);
  expect(segments.length).toBe(Math.ceil(result.durationSeconds / SEGMENT_SECONDS));
  expect(segments.at(-1)).toBe(segments.length);
  const playlist = await Bun.file(join(track, "playlist.m3u8")).text();
  expect(playlist.match(/^\d+\.m4s$/gm)?.length).toBe(segments.length);
  const [columns, rows] = NUMBER_SIZE;
  for (const segment of [1, 2, 15, 16, 17, 5000, 5401, 10_000, segments.length - 1]) {
    const alone = await joinTrack(track, join(folder.path, "alone.mp4"), [segment]);
    const { out } = await run([
      ..."/usr/bin/ffmpeg -v error -i".split(" "),
      alone,
      ..."-fps_mode passthrough -f rawvideo -vf".split(" "),
      `scale=${columns}:${rows}:flags=area,format=gray`,
      "-",
    ]);
    const pictures = out.length / (columns * rows);
    expect(pictures).toBe(SEGMENT_SECONDS * 5);
    const slide = Math.floor(((segment - 1) * SEGMENT_SECONDS) / SLIDE_SECONDS);
    for (const at of [0, pictures - 1]) {
      const blocks = out.subarray(at * columns * rows, (at + 1) * columns * rows);
      expect([segment, numberOf(blocks)]).toEqual([segment, slide]);
    }
  }
}, 600_000);
