import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { media } from "../../fixtures/media.ts";
import { envelope } from "./flash-and-beep.ts";
import { risingEdges } from "./hearing.ts";
import {
  convert,
  countDecoded,
  filesBelow,
  joinTrack,
  packetsOf,
  run,
  scratch,
  segmentNumbers,
  ssim,
} from "./judge.ts";

/** x264 at crf 23 stays above this on drawn pictures; a wrong matrix, range or shift falls below 0.9. */
const LEAST_SSIM = 0.95;

/** Half a tick of the coarsest clock involved, for sums of rounded times. */
const CLOCK_SECONDS = 0.001;

const FRAME_SECONDS = 1 / 30;

describe("a converted clip", () => {
  test("holds the source's pictures in every rung, aligned and decodable from every segment", async () => {
    await using folder = await scratch();
    const source = await media("landscape-720-10s.mp4");
    const out = join(folder.path, "out");
    const result = await convert(source, out);

    expect(result.renditions.map(({ width, height }) => [width, height])).toEqual([
      [640, 360],
      [1280, 720],
    ]);
    expect(result.warnings).toEqual([]);
    const starts: number[][] = [];
    for (const rung of ["360", "720"]) {
      const track = join(out, "v", rung);
      const whole = await joinTrack(track, join(folder.path, `${rung}.mp4`));
      const packets = await packetsOf(whole, "v");
      expect(packets.length).toBe(300);
      expect(packets.every(({ pts, dts }) => dts <= pts)).toBe(true);
      const keys = packets.filter(({ isKey }) => isKey).map(({ pts }) => pts);
      expect(keys).toEqual([0, 2, 4, 6, 8]);
      starts.push(keys);
      expect(await countDecoded(whole)).toBe(300);
      expect(await ssim(whole, source, 30)).toBeGreaterThan(LEAST_SSIM);

      const counts: number[] = [];
      for (const number of await segmentNumbers(track)) {
        const alone = await joinTrack(track, join(folder.path, "alone.mp4"), [number]);
        counts.push(await countDecoded(alone));
        const [first] = await packetsOf(alone, "v");
        expect(first?.isKey).toBe(true);
        expect(Math.abs((first?.pts ?? -1) - (number - 1) * 4)).toBeLessThan(CLOCK_SECONDS);
      }
      expect(counts).toEqual([120, 120, 60]);
    }
    expect(starts[0]).toEqual(starts[1] ?? []);

    const sound = await packetsOf(
      await joinTrack(join(out, "a/und"), join(folder.path, "a.mp4")),
      "a",
    );
    const heardSeconds = (sound.length * 1024) / 48_000;
    expect(Math.abs(heardSeconds - 10)).toBeLessThan(2 * (1024 / 48_000) + FRAME_SECONDS);
  }, 180_000);

  test("is complete on disk: the manifests name exactly the segments that exist", async () => {
    await using folder = await scratch();
    await convert(await media("landscape.mp4"), folder.path);
    const files = await filesBelow(folder.path);
    expect(files).toEqual([
      "a/und/1.m4s",
      "a/und/init.mp4",
      "a/und/playlist.m3u8",
      "manifest.mpd",
      "master.m3u8",
      "poster.jpg",
      "presentation.json",
      "result.json",
      "t/1.jpg",
      "t/thumbnails.vtt",
      "v/360/1.m4s",
      "v/360/iframes.m3u8",
      "v/360/init.mp4",
      "v/360/playlist.m3u8",
    ]);
    for (const track of ["a/und", "v/360"]) {
      const playlist = await Bun.file(join(folder.path, track, "playlist.m3u8")).text();
      expect(playlist.match(/^\d+\.m4s$/gm)).toEqual(["1.m4s"]);
    }
    const { out } = await run([
      ..."/usr/bin/ffprobe -v error -of json -show_streams".split(" "),
      join(folder.path, "poster.jpg"),
    ]);
    expect(JSON.parse(out.toString()).streams[0]).toMatchObject({ width: 640, height: 360 });
  }, 180_000);

  test("keeps flash and beep together within one picture", async () => {
    await using folder = await scratch();
    const out = join(folder.path, "out");
    await convert(await media("flash-and-beep.mp4"), out);
    const picture = await joinTrack(join(out, "v/360"), join(folder.path, "v.mp4"));
    const sound = await joinTrack(join(out, "a/und"), join(folder.path, "a.mp4"));
    const flashes = risingEdges(
      (
        await run([
          ..."/usr/bin/ffmpeg -v error -copyts -i".split(" "),
          picture,
          ..."-vf fps=30:start_time=0,scale=1:1,format=gray -f rawvideo -".split(" "),
        ])
      ).out,
      (byte) => byte > 100,
      30,
    );
    const pcm = (
      await run([
        ..."/usr/bin/ffmpeg -v error -copyts -i".split(" "),
        sound,
        ..."-af aresample=48000:async=1:first_pts=0 -ac 1 -f f32le -".split(" "),
      ])
    ).out;
    const loud = new Float32Array(pcm.buffer, pcm.byteOffset, pcm.length / 4);
    const beeps = risingEdges(envelope(loud), (level) => level > 0.3, 1000);
    expect(flashes.length).toBe(6);
    expect(beeps.length).toBe(6);
    flashes.forEach((flash, index) => {
      expect(Math.abs(flash - (beeps[index] ?? -1))).toBeLessThan(FRAME_SECONDS);
    });
  }, 180_000);
});
