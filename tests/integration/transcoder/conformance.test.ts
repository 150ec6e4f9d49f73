import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { expectConformant } from "../../fixtures/conformance.ts";
import { ntscFullHd } from "../../fixtures/conformance-media.ts";
import { type MediaFixture, media, rotated } from "../../fixtures/media.ts";
import { parsePlaylist } from "../../fixtures/parse-manifests.ts";
import { convert, joinTrack, run, scratch } from "./judge.ts";

const fixtures: readonly MediaFixture[] = [
  "landscape-720-10s.mp4",
  "portrait.mp4",
  "no-audio.mp4",
  "two-languages.mkv",
  "surround.mp4",
  "mono.mp4",
  "below-ladder.mp4",
  "between-rungs.mp4",
  "odd-size.mp4",
  "anamorphic.mp4",
  "variable-rate-10s.mkv",
  "bframes-open-gop.mp4",
  "interlaced.mp4",
  "late-audio.mkv",
  "one-picture.mp4",
  "audio-only.m4a",
];

describe("what is written is conformant", () => {
  for (const name of fixtures) {
    test(name, async () => {
      await using folder = await scratch();
      await convert(await media(name), folder.path);
      await expectConformant(folder.path);
    }, 180_000);
  }

  test("three rungs at 29.97 pictures a second", async () => {
    await using folder = await scratch();
    await convert(await ntscFullHd(), folder.path);
    await expectConformant(folder.path);
  }, 180_000);

  test("a turned clip", async () => {
    await using folder = await scratch();
    await convert(await rotated(90), folder.path);
    await expectConformant(folder.path);
  }, 180_000);
});

describe("I-frame playlists", () => {
  test("reach every IDR picture by a byte range that decodes alone to the picture of that time", async () => {
    await using folder = await scratch();
    const out = join(folder.path, "out");
    await convert(await media("landscape-720-10s.mp4"), out);
    for (const rung of ["360", "720"]) {
      const track = join(out, "v", rung);
      const header = await Bun.file(join(track, "init.mp4")).bytes();
      const whole = await joinTrack(track, join(folder.path, `${rung}.mp4`));
      const { segments } = parsePlaylist(await Bun.file(join(track, "iframes.m3u8")).text());
      expect(segments.map(({ duration }) => duration)).toEqual([2, 2, 2, 2, 2]);
      for (const [index, { uri, byterange }] of segments.entries()) {
        if (byterange === undefined) throw new Error("an entry without a byte range");
        const { offset, length } = byterange;
        const range = await Bun.file(join(track, uri))
          .slice(offset, offset + length)
          .bytes();
        const alone = join(folder.path, "alone.mp4");
        await Bun.write(alone, Buffer.concat([header, range]));
        const picture = await pictureAt(alone, 0);
        expect(picture.length).toBeGreaterThan(0);
        expect(picture.equals(await pictureAt(whole, index * 60))).toBe(true);
      }
    }
  }, 180_000);
});

/** Luma of the picture with this number, decoded by the system's ffmpeg. */
const pictureAt = async (path: string, number: number): Promise<Buffer> => {
  const decode = ["/usr/bin/ffmpeg", "-v", "quiet", "-i", path, "-vf", `select=eq(n\\,${number})`];
  return (await run([...decode, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"])).out;
};

describe("the judges find", () => {
  /** Changes one file of a good presentation and expects them to object with these words. */
  const expectObjection = async (
    file: string,
    change: (text: string) => string | Uint8Array,
    words: string,
  ): Promise<void> => {
    await using folder = await scratch();
    await convert(await media("landscape.mp4"), folder.path);
    const path = join(folder.path, file);
    const before = Buffer.from(await Bun.file(path).bytes()).toString("latin1");
    const after = change(before);
    expect(after).not.toBe(before);
    await Bun.write(path, typeof after === "string" ? Buffer.from(after, "latin1") : after);
    await expect(expectConformant(folder.path)).rejects.toThrow(words);
  };

  test("an attribute that the schema does not know", async () => {
    await expectObjection("manifest.mpd", (mpd) => mpd.replace("par=", "pra="), "pra");
  }, 60_000);

  test("a wrong codecs value", async () => {
    await expectObjection("manifest.mpd", (mpd) => mpd.replace("avc1.64", "avc1.4d"), "codecs is");
  }, 60_000);

  test("a timeline that is one tick off", async () => {
    await expectObjection(
      "manifest.mpd",
      (mpd) => mpd.replace(/<S t="0" d="(\d+)"/, (_, d) => `<S t="0" d="${Number(d) + 1}"`),
      "duration of segment 1",
    );
  }, 60_000);

  test("an EXTINF that is a millisecond off", async () => {
    await expectObjection(
      "v/360/playlist.m3u8",
      (playlist) => playlist.replace("#EXTINF:2.000000", "#EXTINF:2.001000"),
      "EXTINF of segment 1",
    );
  }, 60_000);

  test("a rendition group that nobody declares", async () => {
    await expectObjection(
      "master.m3u8",
      (master) => master.replace('GROUP-ID="audio"', 'GROUP-ID="sound"'),
      "master.m3u8",
    );
  }, 60_000);

  test("a segment that begins with a picture that is no sync sample", async () => {
    // A single GOP: trun has first_sample_flags after its count and data offset (ISO/IEC 14496-12,
    // 8.8.8.1), in which bit 16 is sample_is_non_sync_sample (8.8.3.1).
    await expectObjection(
      "v/360/1.m4s",
      (segment) => {
        const bytes = Buffer.from(segment, "latin1");
        const firstFlags = bytes.indexOf("trun") + 16;
        bytes.writeUInt32BE(bytes.readUInt32BE(firstFlags) | 0x10000, firstFlags);
        return bytes;
      },
      "begins with no sync sample",
    );
  }, 60_000);
});
