import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { derived, media, sizeChange, written } from "../../fixtures/media.ts";
import { streams } from "../../fixtures/stream-media.ts";
import { filesBelow, joinTrack, packetsOf, runCommand, scratch } from "./judge.ts";

const SECONDS_IN_100_YEARS = 3_155_760_000;

/** Sets the duration in every `mvhd` and `mdhd` of an MP4 (ISO/IEC 14496-12, 8.2.2, 8.4.2), as far as 32 bits go. */
const mp4Claiming100Years = (bytes: Buffer): Buffer => {
  for (const box of ["mvhd", "mdhd"]) {
    for (let at = bytes.indexOf(box); at > 0; at = bytes.indexOf(box, at + 4)) {
      const timescale = bytes.readUInt32BE(at + 16);
      const duration = Math.min(0xffff_fffe, timescale * SECONDS_IN_100_YEARS);
      bytes.writeUInt32BE(duration, at + 20);
    }
  }
  return bytes;
};

/** Sets the Duration element of a Matroska file (RFC 9559, 5.1.2.10), in milliseconds. */
const matroskaClaiming100Years = (bytes: Buffer): Buffer => {
  bytes.writeDoubleBE(1000 * SECONDS_IN_100_YEARS, bytes.indexOf("448988", "hex") + 3);
  return bytes;
};

const withoutMovieBox = (bytes: Buffer): Buffer => {
  bytes.write("junk", bytes.indexOf("moov"), "latin1");
  return bytes;
};

/** Everything that can never be converted: code and exit code, and nothing left behind. */
const refused: readonly [what: string, code: string, exit: number, path: () => Promise<string>][] =
  [
    ["an empty file", "source_empty", 65, () => written("empty.mp4", "")],
    [
      "text that is named .mp4",
      "source_not_media",
      65,
      () => written("text.mp4", "This is not a film.\n".repeat(500)),
    ],
    [
      "a zip",
      "source_not_media",
      65,
      () => written("archive.mp4", Buffer.from(`PK\x03\x04${"\0abc".repeat(2000)}`, "latin1")),
    ],
    [
      "an MP4 that ends before its index",
      "source_truncated",
      65,
      () =>
        derived("truncated.mp4", "tiny-10s.mp4", (bytes) => bytes.subarray(0, bytes.length / 2)),
    ],
    [
      "an MP4 without an index",
      "source_truncated",
      65,
      () => derived("no-moov.mp4", "landscape.mp4", withoutMovieBox),
    ],
    ["a picture of one pixel", "source_bad_dimensions", 65, () => media("one-pixel.mkv")],
    ["a codec off the list", "source_unsupported_codec", 65, () => media("magicyuv.mkv")],
    [
      "a playlist that names other files",
      "source_not_media",
      65,
      () => written("list.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n/etc/passwd\n"),
    ],
    [
      "more streams than are read",
      "source_too_many_streams",
      65,
      () => streams("seventy-streams.mkv"),
    ],
    ["the same in MP4", "source_too_many_streams", 65, () => streams("seventy-streams.mp4")],
    ["a picture that is too wide", "source_bad_dimensions", 65, () => streams("too-wide.avi")],
    ["a photo", "source_unsupported_container", 65, () => streams("photo.jpg")],
    ["a container off the list", "source_unsupported_container", 65, () => media("film.nut")],
    ["a file that is not there", "source_not_found", 66, async () => "/nonexistent/film.mp4"],
    ["a folder", "source_not_found", 66, async () => "/tmp"],
  ];

describe("a source that cannot be used", () => {
  for (const [what, code, exit, path] of refused) {
    test(`${what} ends with ${code}`, async () => {
      await using folder = await scratch();
      const out = join(folder.path, "out");
      const { exitCode, err, out: said } = await runCommand([await path(), "--out", out, "--json"]);
      expect([exitCode, err.trim().split("\n").length]).toEqual([exit, 1]);
      expect(err).toEndWith(`[${code}]\n`);
      expect(JSON.parse(said.trim())).toMatchObject({ type: "failed", code });
      expect(await filesBelow(folder.path)).toEqual([]);
    }, 180_000);
  }

  test("one that is longer than allowed is refused before anything is written", async () => {
    await using folder = await scratch();
    const args = ["--out", join(folder.path, "out"), "--max-duration", "5"];
    const { exitCode, err } = await runCommand([await media("tiny-10s.mp4"), ...args]);
    expect(exitCode).toBe(65);
    expect(err).toContain("[source_too_long]");
    expect(await filesBelow(folder.path)).toEqual([]);
  }, 180_000);

  test("one in which nothing decodes fails without manifests", async () => {
    await using folder = await scratch();
    const noise = await derived("undecodable.mp4", "no-audio.mp4", (bytes) => {
      const start = bytes.indexOf("mdat") + 4;
      return bytes.fill(0xff, start, bytes.indexOf("moov") - 4);
    });
    const { exitCode, err } = await runCommand([noise, "--out", join(folder.path, "out")]);
    expect(exitCode).toBe(65);
    expect(err).toContain("[source_undecodable]");
    expect(await filesBelow(folder.path)).toEqual([]);
  }, 180_000);
});

describe("a source with faults that can be worked around", () => {
  const liars: readonly [name: string, path: () => Promise<string>, warnings: string[]][] = [
    // libavformat mends this one itself, from the table of sample times.
    ["100-years.mp4", () => derived("100-years.mp4", "landscape.mp4", mp4Claiming100Years), []],
    [
      "100-years.mkv",
      () => derived("100-years.mkv", "h264.mkv", matroskaClaiming100Years),
      ["duration_unreliable"],
    ],
  ];
  test.each(liars)(
    "%s: the result is as long as the pictures",
    async (_name, path, warnings) => {
      await using folder = await scratch();
      const liar = await path();
      const { exitCode, out } = await runCommand([liar, "--out", folder.path, "--json"]);
      expect(exitCode).toBe(0);
      const { result } = JSON.parse(out.trim().split("\n").at(-1) ?? "{}");
      expect(result.durationSeconds).toBeLessThan(2.1);
      expect(result.warnings.map(({ code }: { code: string }) => code)).toEqual(warnings);
      const joined = await joinTrack(join(folder.path, "v/360"), join(folder.path, "v.mp4"));
      // Matroska starts the pictures after the sound's priming, so one picture may be shown twice.
      expect(Math.abs((await packetsOf(joined, "v")).length - 60)).toBeLessThanOrEqual(1);
    },
    180_000,
  );

  test("damaged pictures are counted and survived", async () => {
    await using folder = await scratch();
    const damaged = await derived("damaged.mp4", "tiny-10s.mp4", (bytes) => {
      const start = bytes.indexOf("mdat") + 4;
      const end = bytes.indexOf("moov", start) - 4;
      for (let at = start + 20_000; at < end; at += 15_000) bytes.fill(0xa5, at, at + 300);
      return bytes;
    });
    const { exitCode, out } = await runCommand([damaged, "--out", folder.path, "--json"]);
    expect(exitCode).toBe(0);
    const { result } = JSON.parse(out.trim().split("\n").at(-1) ?? "{}");
    const codes = result.warnings.map(({ code }: { code: string }) => code);
    expect(codes).toContain("frames_damaged");
    expect(Math.abs(result.durationSeconds - 10)).toBeLessThan(0.2);
  }, 180_000);

  test("a stream that changes its size on the way keeps the planned one", async () => {
    await using folder = await scratch();
    const { exitCode } = await runCommand([await sizeChange(), "--out", folder.path, "--quiet"]);
    expect(exitCode).toBe(0);
    const { renditions } = await Bun.file(join(folder.path, "result.json")).json();
    expect(renditions).toMatchObject([{ width: 320, height: 180 }]);
  }, 180_000);
});

describe("an output that cannot be written", () => {
  test("a folder that holds something is refused without --overwrite", async () => {
    await using folder = await scratch();
    await writeFile(join(folder.path, "letter.txt"), "precious");
    const source = await media("no-audio.mp4");
    const refusal = await runCommand([source, "--out", folder.path]);
    expect(refusal.exitCode).toBe(73);
    expect(refusal.err).toContain("[output_not_writable]");
    const second = await runCommand([source, "--out", folder.path, "--overwrite", "--quiet"]);
    expect(second.exitCode).toBe(0);
    expect(await Bun.file(join(folder.path, "letter.txt")).text()).toBe("precious");
  }, 180_000);

  test("a file in the place of the folder", async () => {
    await using folder = await scratch();
    const path = join(folder.path, "file");
    await writeFile(path, "");
    const { exitCode, err } = await runCommand([await media("no-audio.mp4"), "--out", path]);
    expect(exitCode).toBe(73);
    expect(err).toContain("[output_not_writable]");
  }, 180_000);

  test("a full disk in mid-transcode leaves no manifest", async () => {
    await using folder = await scratch();
    const out = join(folder.path, "out");
    const source = await media("no-audio.mp4");
    const limited = await runLimited(source, out);
    expect(limited.exitCode).toBe(73);
    expect(limited.err).toContain("[output_full]");
    expect(await filesBelow(folder.path)).toEqual([]);
  }, 180_000);
});

/** Runs with a limit of 8 kB per file: writes beyond it fail as on a full disk. */
const runLimited = async (source: string, out: string) => {
  const entry = join(import.meta.dir, "../../../src/transcoder/index.ts");
  const command = `ulimit -f 8; trap '' XFSZ; exec "$0" "$1" "$2" --out "$3" --overwrite`;
  const child = Bun.spawn(["/bin/bash", "-c", command, process.execPath, entry, source, out], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [err, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  return { exitCode, err };
};

test("the sentence of a refusal names what was found", async () => {
  await using folder = await scratch();
  const out = join(folder.path, "out");
  const found = [
    [await streams("photo.jpg"), "(jpeg)"],
    [await media("film.nut"), "(nut)"],
    [await media("magicyuv.avi"), "(magicyuv)"],
    [await streams("too-wide.avi"), "8208x16"],
  ] as const;
  for (const [source, name] of found) {
    expect((await runCommand([source, "--out", out])).err).toContain(name);
  }
}, 180_000);
