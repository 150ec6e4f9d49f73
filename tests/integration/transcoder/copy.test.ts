import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readBoxes } from "../../../src/transcoder/packaging/boxes.ts";
import { readInitSegment } from "../../../src/transcoder/packaging/init-segment.ts";
import { readMediaSegment } from "../../../src/transcoder/packaging/media-segment.ts";
import { expectConformant } from "../../fixtures/conformance.ts";
import {
  breakingFixtures,
  type ConformingFixture,
  copyMedia,
  cutByEditList,
  damagedPicture,
  IDR_PICTURES,
  joinedParameters,
  PICTURES,
  RATE,
  turnedByMatrix,
} from "../../fixtures/copy-media.ts";
import {
  convert,
  countDecoded,
  filesBelow,
  hasMadeCopy,
  joinTrack,
  packetsOf,
  pictureHashes,
  runCommand,
  scratch,
  segmentNumbers,
  spawnCommand,
  ssim,
} from "./judge.ts";

/** GOPs of the source in whole segments of at most 4 s: 2.6 s, then 1.6 and 2.4 s, then 1.2 and 0.6 s. */
const SEGMENT_PICTURES = [65, 100, 45];

/** x264 at crf 23 stays above this on drawn pictures; another picture, matrix or range falls below 0.9. */
const LEAST_SSIM = 0.95;

/** Rules of Apple's that a source meets or does not: IDR pictures every two seconds, High profile, no needless level. */
const OF_THE_SOURCE = ["1.13", "1.4", "1.11"];

/** Half a tick of the coarsest clock involved, for sums of rounded times. */
const CLOCK_SECONDS = 0.001;

const idrSeconds = IDR_PICTURES.map((picture) => picture / RATE);

/** Decode time and duration of every segment of a track, from its bytes. */
const timesOf = async (track: string) => {
  const init = readInitSegment(await Bun.file(join(track, "init.mp4")).bytes());
  const numbers = await segmentNumbers(track);
  const segments = await Promise.all(
    numbers.map(async (number) =>
      readMediaSegment(await Bun.file(join(track, `${number}.m4s`)).bytes(), init),
    ),
  );
  return segments.map(({ startTicks, durationTicks, sampleCount }) => ({
    start: startTicks / init.timescale,
    duration: durationTicks / init.timescale,
    sampleCount,
  }));
};

/** Types of all NAL units in a segment with four-byte lengths. */
const nalTypes = async (path: string): Promise<Set<number>> => {
  const types = new Set<number>();
  for (const { type, body } of readBoxes(await Bun.file(path).bytes())) {
    if (type !== "mdat") continue;
    const data = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    for (let offset = 0; offset < data.length; offset += 4 + data.readUInt32BE(offset)) {
      types.add((data[offset + 4] ?? 0) & 0x1f);
    }
  }
  return types;
};

describe("a conforming source", () => {
  test("is the highest rung bit by bit, and all rungs are cut at its IDR pictures", async () => {
    await using folder = await scratch();
    const source = await copyMedia("copy-720.mp4");
    const out = join(folder.path, "out");
    const result = await convert(source, out);
    expect(result.renditions.map(({ name }) => name)).toEqual(["360p", "720p"]);
    expect(result.warnings).toEqual([]);
    await expectConformant(out, OF_THE_SOURCE);

    const copied = await joinTrack(join(out, "v/720"), join(folder.path, "720.mp4"));
    expect(await pictureHashes(copied)).toEqual(await pictureHashes(source));

    const times = await timesOf(join(out, "v/720"));
    expect(times.map(({ sampleCount }) => sampleCount)).toEqual(SEGMENT_PICTURES);
    expect(await timesOf(join(out, "v/360"))).toEqual(times);

    for (const rung of ["360", "720"]) {
      const track = join(out, "v", rung);
      const whole = await joinTrack(track, join(folder.path, `${rung}.mp4`));
      const packets = await packetsOf(whole, "v");
      expect(packets.every(({ pts, dts }) => dts <= pts)).toBe(true);
      expect(packets.filter(({ isKey }) => isKey).map(({ pts }) => pts)).toEqual(idrSeconds);
      expect(await countDecoded(whole)).toBe(PICTURES);
      expect(await ssim(whole, source, RATE)).toBeGreaterThan(LEAST_SSIM);
      for (const number of await segmentNumbers(track)) {
        const alone = await joinTrack(track, join(folder.path, "alone.mp4"), [number]);
        expect(await countDecoded(alone)).toBe(SEGMENT_PICTURES[number - 1] ?? 0);
        const [first] = await packetsOf(alone, "v");
        expect(first?.isKey).toBe(true);
        expect(Math.abs((first?.pts ?? -1) - (times[number - 1]?.start ?? -1))).toBeLessThan(
          CLOCK_SECONDS,
        );
      }
    }
  }, 300_000);

  const alone: ConformingFixture[] = [
    "copy-360.mp4",
    "copy-360.ts",
    "copy-360.mkv",
    "copy-fragmented.mp4",
    "copy-repeated-parameters.mp4",
    "copy-main-profile.mov",
  ];
  for (const name of alone) {
    test(`${name} is copied bit by bit`, async () => {
      await using folder = await scratch();
      const source = await copyMedia(name);
      const out = join(folder.path, "out");
      await convert(source, out);
      await expectConformant(out, OF_THE_SOURCE);
      const copied = await joinTrack(join(out, "v/360"), join(folder.path, "360.mp4"));
      expect(await pictureHashes(copied)).toEqual(await pictureHashes(source));
      const times = await timesOf(join(out, "v/360"));
      expect(times.map(({ sampleCount }) => sampleCount)).toEqual(SEGMENT_PICTURES);
      // Slices and messages: parameter sets stand in the header alone (ISO/IEC 14496-15, avc1).
      for (const number of await segmentNumbers(join(out, "v/360"))) {
        const types = await nalTypes(join(out, "v/360", `${number}.m4s`));
        expect([...types].filter((type) => ![1, 5, 6].includes(type))).toEqual([]);
      }
      expect(await Bun.file(join(out, "poster.jpg")).exists()).toBe(true);
    }, 120_000);
  }

  test("may have gaps of exactly 1 and exactly 4 seconds", async () => {
    await using folder = await scratch();
    const out = join(folder.path, "out");
    expect(await hasMadeCopy(await copyMedia("copy-gaps-1-and-4.mp4"), out)).toBe(true);
    const times = await timesOf(join(out, "v/360"));
    expect(times.map(({ sampleCount }) => sampleCount)).toEqual([25, 100, 25]);
  }, 120_000);

  test("shows its last picture until the sound ends, in every rung alike", async () => {
    await using folder = await scratch();
    const out = join(folder.path, "out");
    await convert(await copyMedia("copy-longer-sound-in-order.mp4"), out);
    await expectConformant(out, OF_THE_SOURCE);
    const [copied, encoded] = await Promise.all(
      ["720", "360"].map((rung) => timesOf(join(out, "v", rung))),
    );
    expect(copied?.map(({ sampleCount }) => sampleCount)).toEqual(SEGMENT_PICTURES);
    const spans = (times: typeof copied) => times?.map(({ start, duration }) => [start, duration]);
    expect(spans(copied)).toEqual(spans(encoded));
    const last = copied?.at(-1);
    const endSeconds = (last?.start ?? 0) + (last?.duration ?? 0);
    // Less than a picture is missing to the end of the sound.
    expect(8.9 - endSeconds).toBeGreaterThanOrEqual(0);
    expect(8.9 - endSeconds).toBeLessThan(1 / RATE);
  }, 120_000);

  test.each([
    ["copy-too-long-sound.mp4", [100, 100, 40]],
    ["copy-longer-sound-reordered.mp4", [100, 100, 12]],
  ] as const)(
    "%s is encoded again: its last picture cannot stay so long",
    async (name, counts) => {
      await using folder = await scratch();
      const out = join(folder.path, "out");
      await convert(await copyMedia(name), out);
      await expectConformant(out);
      const times = await timesOf(join(out, "v/360"));
      expect(times.map(({ sampleCount }) => sampleCount)).toEqual([...counts]);
    },
    120_000,
  );

  test("is encoded again where copying is turned off", async () => {
    await using folder = await scratch();
    const source = await copyMedia("copy-360.mp4");
    const out = join(folder.path, "out");
    expect((await runCommand([source, "--out", out, "--quiet", "--no-copy"])).exitCode).toBe(0);
    const track = await joinTrack(join(out, "v/360"), join(folder.path, "360.mp4"));
    expect(await pictureHashes(track)).not.toEqual(await pictureHashes(source));
    const times = await timesOf(join(out, "v/360"));
    expect(times.map(({ sampleCount }) => sampleCount)).toEqual([100, 100, 10]);
  }, 120_000);

  test("killed in the middle and started again gives what an undisturbed run gives", async () => {
    await using folder = await scratch();
    const source = await copyMedia("copy-720.mp4");
    const [calm, killed] = [join(folder.path, "calm"), join(folder.path, "killed")];
    expect((await runCommand([source, "--out", calm, "--quiet"])).exitCode).toBe(0);
    const child = spawnCommand([source, "--out", killed, "--quiet"]);
    while (!(await Bun.file(join(killed, "v/720/1.m4s")).exists())) await Bun.sleep(5);
    child.kill("SIGKILL");
    await child.exited;
    expect(await Bun.file(join(killed, "manifest.mpd")).exists()).toBe(false);
    const again = await runCommand([source, "--out", killed, "--overwrite", "--quiet"]);
    expect(again.exitCode).toBe(0);
    expect(await filesBelow(killed)).toEqual(await filesBelow(calm));
    for (const name of await filesBelow(calm)) {
      const [a, b] = await Promise.all(
        [calm, killed].map((root) => Bun.file(join(root, name)).bytes()),
      );
      expect([name, Buffer.compare(a ?? Buffer.of(), b ?? Buffer.of())]).toEqual([name, 0]);
    }
  }, 300_000);
});

describe("a source that fails a condition is encoded again, and right", () => {
  const sources = [
    ...breakingFixtures.map((name) => [name, () => copyMedia(name)] as const),
    ["no-edits.mp4", cutByEditList] as const,
    ["no-picture-turned.mp4", turnedByMatrix] as const,
    ["no-parameters.ts", joinedParameters] as const,
  ];
  for (const [name, make] of sources) {
    test(name, async () => {
      await using folder = await scratch();
      const source = await make();
      const out = join(folder.path, "out");
      expect(await hasMadeCopy(source, out)).toBe(false);
      const track = await joinTrack(join(out, "v/360"), join(folder.path, "360.mp4"));
      const keys = (await packetsOf(track, "v")).filter(({ isKey }) => isKey);
      expect(keys.map(({ pts }) => pts % 2)).toEqual(keys.map(() => 0));
      expect(await countDecoded(track)).toBeGreaterThan(0);
      await expectConformant(out);
    }, 120_000);
  }

  test("damage that shows in decoding alone: nothing false is published", async () => {
    await using folder = await scratch();
    const source = await damagedPicture();
    const out = join(folder.path, "out");
    const result = await convert(source, out);
    expect(result.warnings.map(({ code }) => code)).toContain("frames_damaged");
    await expectConformant(out);
    for (const rung of ["360", "720"]) {
      const times = await timesOf(join(out, "v", rung));
      // Cut at our own places again, every picture there, and no segment of the first try left.
      expect(times.map(({ sampleCount }) => sampleCount)).toEqual([100, 100, 10]);
      const track = await joinTrack(join(out, "v", rung), join(folder.path, `${rung}.mp4`));
      expect(await countDecoded(track)).toBe(PICTURES);
    }
  }, 300_000);
});
