import { expect, test } from "bun:test";
import { join } from "node:path";
import { media } from "../../fixtures/media.ts";
import { soundMedia } from "../../fixtures/sound-media.ts";
import { hear, toneLevel } from "./hearing.ts";
import { convert, filesBelow, joinTrack, run, scratch } from "./judge.ts";

/** ffmpeg's sine has an amplitude of an eighth, on two channels 3 dB less; codecs change it by less than this part. */
const SINE = 0.125 * Math.SQRT1_2;
const LEVEL_TOLERANCE = 0.1;

/** A frame of AAC at 48 kHz. */
const AAC_FRAME_SECONDS = 1024 / 48_000;

test.each([
  ["an M4A file", () => media("audio-only.m4a"), 2, 1],
  ["an MP3 file", () => soundMedia("tone-9s.mp3"), 9, 3],
  ["a WAV file", () => soundMedia("tone.wav"), 2, 1],
  ["a FLAC file", () => soundMedia("tone.flac"), 2, 1],
] as const)(
  "%s becomes a presentation of sound with a picture of it",
  async (_, source, seconds, segments) => {
    await using folder = await scratch();
    const out = join(folder.path, "out");
    const result = await convert(await source(), out, { loudnessLufs: null });
    expect(result).toMatchObject({
      width: null,
      height: null,
      frameRate: null,
      hasAudio: true,
      renditions: [],
      poster: "poster.jpg",
      warnings: [],
    });
    expect(Math.abs(result.durationSeconds - seconds)).toBeLessThan(3 * AAC_FRAME_SECONDS);
    expect(await filesBelow(out)).toEqual([
      ...Array.from({ length: segments }, (_each, index) => `a/und/${index + 1}.m4s`),
      "a/und/init.mp4",
      "a/und/playlist.m3u8",
      "manifest.mpd",
      "master.m3u8",
      "poster.jpg",
      "presentation.json",
      "result.json",
    ]);

    const [left, right] = await hear(
      await joinTrack(join(out, "a/und"), join(folder.path, "a.mp4")),
    );
    for (const channel of [left, right]) {
      const level = toneLevel(channel ?? new Float32Array(), 440, { from: 0.5, seconds: 1 });
      expect(Math.abs(level / SINE - 1)).toBeLessThan(LEVEL_TOLERANCE);
    }
    const mpd = await Bun.file(join(out, "manifest.mpd")).text();
    expect(mpd).not.toContain('contentType="video"');
    const master = await Bun.file(join(out, "master.m3u8")).text();
    expect(master).toMatch(/#EXT-X-STREAM-INF:.*CODECS="mp4a.40.2".*\na\/und\/playlist.m3u8/);

    // The poster shows bars: a dark background, and the accent colour in the middle.
    const { out: pixels } = await run([
      ..."/usr/bin/ffmpeg -v error -i".split(" "),
      join(out, "poster.jpg"),
      ..."-vf crop=2:360:83:180,format=gray -f rawvideo -".split(" "),
    ]);
    expect(pixels[0]).toBeLessThan(40);
    expect(pixels[360]).toBeGreaterThan(120);
  },
  60_000,
);

test("tracks of different length all last as long as the longest", async () => {
  await using folder = await scratch();
  const out = join(folder.path, "out");
  await convert(await soundMedia("two-lengths.mka"), out);
  for (const track of ["und", "und-2"]) {
    const path = await joinTrack(join(out, "a", track), join(folder.path, `${track}.mp4`));
    const [left] = await hear(path);
    expect(Math.abs((left?.length ?? 0) / 48_000 - 5)).toBeLessThan(2 * AAC_FRAME_SECONDS);
  }
}, 60_000);
